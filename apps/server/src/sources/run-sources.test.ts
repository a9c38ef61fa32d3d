import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Audit, type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import { PullSources, type PullTables, pullMigrations } from '@countersign/connectors';
import { type LeaseTables, openStore, type Store, storageMigrations } from '@countersign/storage';
import { ManualClock, systemRandom as random } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { answerProblem } from '../problem.ts';
import { operatorOnly } from '../routes/authenticate.ts';
import { sourceRoutes } from '../routes/serve-sources.ts';
import { type RunningSources, runSources } from './run-sources.ts';

type Tables = LeaseTables & AuditTables & PullTables;
const TOKEN = 'operator-token-of-this-test';
const record = (uuid: string, published: string) => ({
  ...{ uuid, published, eventType: 'user.session.start', displayMessage: 'User login to Okta' },
  ...{ severity: 'INFO', outcome: { result: 'SUCCESS' }, version: '0' },
  actor: { id: '00u1', type: 'User', alternateId: 'i.marsh@harbour.example', displayName: 'I' },
  authenticationContext: { externalSessionId: 'ext1' },
});

let folder: string;
let okta: Server;
let asked = 0;
let pages: object[][];
let clock: ManualClock;
let store: Store<Tables>;
let audit: Audit;
let sources: PullSources;
let app: Hono;
let running: RunningSources[] = [];

const base = () => `http://127.0.0.1:${(okta.address() as AddressInfo).port}`;

beforeEach(async () => {
  asked = 0;
  pages = [];
  okta = createServer((request, response) => {
    asked += 1;
    const bounded = new URL(request.url ?? '/', base()).searchParams.has('until');
    const link = bounded ? [] : [`<${base()}/api/v1/logs?after=${asked}>; rel="next"`];
    const page = bounded ? [] : (pages.shift() ?? []);
    response.writeHead(200, { link }).end(JSON.stringify(page));
  });
  await new Promise<void>((resolve) => okta.listen(0, '127.0.0.1', resolve));
  folder = mkdtempSync(join(tmpdir(), 'countersign-sources-'));
  writeFileSync(join(folder, 'okta'), JSON.stringify({ apiToken: 'okta-token' }));
  clock = new ManualClock();
  const migrations = [...storageMigrations, ...auditMigrations, ...pullMigrations];
  store = await openStore<Tables>({ memory: true, migrations, clock });
  const product = { name: 'Countersign', version: '0.1.0' };
  audit = createAudit({ store: store as never, clock, random, product });
  sources = new PullSources({ store: store as never, clock, random });
  app = new Hono();
  app.route(
    '/',
    sourceRoutes({
      ...{ sources, audit, clock, operatorOnly: operatorOnly(TOKEN) },
      tenants: { find: async (name) => (name === 'acme' ? ({ name } as never) : undefined) },
      onDue: () => undefined,
    }),
  );
  app.onError((error, context) => answerProblem(context, error, () => undefined));
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  running = [];
  await store.close();
  okta.closeAllConnections();
  okta.close();
  rmSync(folder, { recursive: true });
});

const ask = async (method: string, path: string, body?: object) => {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const init =
    body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const answer = await app.request(path, init);
  return { status: answer.status, body: await answer.json() };
};
const settings = () => ({ kind: 'okta', secret: 'okta', url: base(), backfillDays: 0 });
const create = () =>
  ask('POST', '/sources', { tenant: 'acme', name: 'okta', settings: settings() });
const start = (holder: string) => {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const parts = { sources, store, audit, clock, reach: 'any', secretsFolder: folder, holder, log };
  const one = runSources(parts as never);
  running.push(one);
  return one;
};
const events = async (name: string) =>
  (await audit.listEvents({ limit: 100 })).filter((event) => event.name === name);

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('a source', () => {
  it('is made by an operator, read, and its records stand in the log of its tenant once', async () => {
    const at = new Date(clock.nowMs()).toISOString();
    pages = [[record('one', at), record('two', at)], [record('two', at)]];
    assert.equal((await create()).status, 201);
    start('server').nudge();
    await until(async () => (await sources.list())[0]?.lastGoodMs != null);
    const stored = await events('okta:user.session.start');
    assert.equal(stored.length, 2);
    assert.equal(stored[0]?.tenant, 'acme');
    assert.equal((await events('source.created')).length, 1);
    const { body } = await ask('GET', '/sources?tenant=acme');
    assert.deepEqual([body.sources[0].records, body.sources[0].error], [3, null]);
    assert.doesNotMatch(JSON.stringify(body), /okta-token/);
  });

  it('is read by one of two servers', async () => {
    await create();
    start('one').nudge();
    start('two').nudge();
    await until(async () => (await sources.list())[0]?.lastGoodMs != null);
    await Promise.all(running.map((one) => one.stop()));
    assert.equal(asked, 1, 'one page, asked for once');
  });

  it('that is paused is left alone, and each act is on record', async () => {
    const { body } = await create();
    await ask('POST', `/sources/${body.id}/pause`);
    const one = start('server');
    one.nudge();
    await one.stop();
    assert.equal(asked, 0);
    await ask('POST', `/sources/${body.id}/resume`);
    assert.equal((await ask('DELETE', `/sources/${body.id}`)).status, 200);
    const told = await events('source.changed');
    assert.equal(told.length, 3);
    assert.equal((await ask('GET', `/sources/${body.id}`)).status, 404);
  });

  it('is refused with settings that cannot be, twice, or for nobody', async () => {
    const wrong = { ...settings(), secret: '../provider-master' };
    const refused = await ask('POST', '/sources', { tenant: 'acme', name: 'x', settings: wrong });
    assert.deepEqual([refused.status, refused.body.code], [400, 'source_setting']);
    await create();
    assert.equal((await create()).status, 409);
    const nobody = { tenant: 'nobody', name: 'okta', settings: settings() };
    assert.equal((await ask('POST', '/sources', nobody)).status, 404);
  });

  it('whose secret is missing says so, and waits', async () => {
    rmSync(join(folder, 'okta'));
    await create();
    start('server').nudge();
    await until(async () => ((await sources.list())[0]?.failures ?? 0) > 0);
    const [source] = await sources.list();
    assert.equal(source?.error?.code, 'source_secret');
    assert.match(source?.error?.message ?? '', /secrets\/sources\/okta/);
  });
});

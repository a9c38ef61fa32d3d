import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ChainedEvent } from '@countersign/archive';
import { type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import { type PushTables, pushMigrations } from '@countersign/connectors';
import { createDirectory, type DirectoryTables, directoryMigrations } from '@countersign/directory';
import { openStore, type Store } from '@countersign/storage';
import { ManualClock, systemRandom } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { answerProblem } from '../problem.ts';
import { feedFromArchive } from '../sinks/feed-from-archive.ts';
import { type HouseSinks, openSinks } from '../sinks/open-sinks.ts';
import { readerOnly } from './authenticate-reader.ts';
import { sinkRoutes } from './serve-sinks.ts';

const FIRST = 'first-operator-token-of-this-test';

/** A log of nine events: the first three were deleted after their time, the fifth was erased. */
const archive = {
  followed: async () => ({ sequence: 9, heads: [{ tenant: 'acme', count: 9 } as never] }),
  readRange: async ({ from, limit }: { from: number; limit: number }): Promise<ChainedEvent[]> =>
    [4, 5, 6, 7, 8, 9]
      .filter((number) => number >= from && number < from + limit)
      .map((number) => ({
        ...{ number, sequence: number, uid: `u${number}`, timeMs: number, name: 'n', leaf: '' },
        ...(number === 5 ? { erased: true } : { ocsf: `{"n":${number},"severity_id":4}` }),
      })),
};

describe('sinks over HTTP', () => {
  let store: Store<AuditTables & DirectoryTables & PushTables>;
  let house: HouseSinks;
  let app: Hono;
  let folder: string;
  let receiver: Server;
  let manager: string;
  let looker: string;
  const bodies: string[] = [];
  const delivered = Promise.withResolvers<void>();

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-sinks-'));
    receiver = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      bodies.push(body);
      response.end();
      delivered.resolve();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const clock = new ManualClock();
    const migrations = [...directoryMigrations, ...auditMigrations, ...pushMigrations];
    store = await openStore({ memory: true, migrations, clock });
    const parts = { store: store as never, clock, random: systemRandom };
    const { tenants, operators, readers } = createDirectory(parts);
    for (const name of ['acme', 'beta']) await tenants.create({ name });
    const audit = createAudit({ ...parts, product: { name: 'countersign', version: '0' } });
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const settings = { url: 'http://localhost:4600' };
    house = openSinks({ ...parts, settings, data: { path: folder }, archive, audit, log } as never);
    const make = async (manage: boolean) => {
      const wanted = { kind: 'tenant' as const, tenant: 'acme', name: 'siem', manage, by: 'op' };
      return (await readers.create(wanted)).credential;
    };
    manager = await make(true);
    looker = await make(false);
    const guard = readerOnly({ operatorToken: FIRST, operators, readers });
    const { list: sinks, newest } = house;
    app = new Hono().route(
      '/',
      sinkRoutes({ sinks, newest, tenants, audit, clock, readerOnly: guard }),
    );
    app.onError((error, context) => answerProblem(context, error, () => undefined));
  });
  after(async () => {
    await house.stop();
    receiver.close();
    receiver.closeAllConnections();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  async function ask(credential: string, method: string, path: string, body?: object) {
    const response = await app.request(path, {
      method,
      headers: { authorization: `Bearer ${credential}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, body: text === '' ? {} : JSON.parse(text) };
  }
  const webhook = () => ({
    name: 'siem',
    from: 'start',
    settings: {
      kind: 'webhook',
      url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
    },
  });

  it('are made by a reader that may manage, whose key is shown once and kept for the server alone', async () => {
    assert.equal((await ask(looker, 'POST', '/sinks', webhook())).status, 403);
    assert.equal(
      (await ask(manager, 'POST', '/sinks', { ...webhook(), tenant: 'beta' })).status,
      403,
    );
    const made = await ask(manager, 'POST', '/sinks', webhook());
    assert.equal(made.status, 201);
    assert.match(made.body.webhookKey, /^whsec_/);
    const [file = ''] = readdirSync(join(folder, 'secrets', 'sinks'));
    assert.equal(statSync(join(folder, 'secrets', 'sinks', file)).mode & 0o777, 0o600);
    await delivered.promise;
    assert.match(bodies[0] ?? '', /"data":\[\{"n":4,.*\{"n":6,.*\{"n":7,.*\{"n":8,.*\{"n":9,/);
    for (const path of ['/sinks', `/sinks/${made.body.id}`]) {
      const shown = await ask(manager, 'GET', path);
      assert.equal(shown.status, 200);
      assert.doesNotMatch(shown.text, /whsec_/);
    }
  });

  it('are nobody else’s, and what is done to them is in the log of their tenant', async () => {
    const { sinks } = (await ask(FIRST, 'GET', '/sinks')).body;
    const [{ id }] = sinks;
    assert.equal((await ask(looker, 'GET', `/sinks/${id}`)).status, 403);
    assert.equal((await ask(manager, 'POST', '/sinks', webhook())).status, 409);
    assert.equal((await ask(manager, 'POST', `/sinks/${id}/pause`)).body.enabled, false);
    assert.equal((await ask(manager, 'POST', `/sinks/${id}/resume`)).body.enabled, true);
    assert.equal((await ask(FIRST, 'DELETE', `/sinks/${id}`)).status, 204);
    assert.equal((await ask(manager, 'GET', `/sinks/${id}`)).status, 404);
    assert.deepEqual(readdirSync(join(folder, 'secrets', 'sinks')), []);
    const told = await store.read
      .selectFrom('event')
      .select(['name', 'tenant'])
      .where('name', 'like', 'sink.%')
      .orderBy('sequence')
      .execute();
    assert.deepEqual(
      told.map(({ name, tenant }) => `${tenant} ${name}`),
      ['acme sink.created', ...Array(3).fill('acme sink.changed')],
    );
  });

  it('with settings that are wrong are refused by the member that is wrong', async () => {
    const bad = { name: 'x', settings: { kind: 'splunk', url: 'https://x.example' }, secret: {} };
    const refused = await ask(manager, 'POST', '/sinks', bad);
    assert.equal(refused.status, 400);
    assert.match(refused.body.title, /^token: /);
  });
});

it('what was deleted or erased is passed over, and the place in the log goes on', async () => {
  const feed = feedFromArchive(archive);
  const pages = [];
  for (let position = 0; position < 9; ) {
    const { events, through } = await feed.readAfter('acme', position, 2);
    pages.push([events.map((event) => event.position), through]);
    position = through;
  }
  assert.deepEqual(pages, [
    [[], 2],
    [[4], 4],
    [[6], 6],
    [[7, 8], 8],
    [[9], 9],
  ]);
  const { events } = await feed.readAfter('acme', 8, 10);
  assert.equal(events[0]?.severityId, 4);
  assert.equal((await feed.readAfter('nobody', 0, 10)).newest, 0);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import { openStore } from '@countersign/storage';
import { ManualClock, systemRandom } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { answerProblem } from '../problem.ts';
import { PRODUCT } from '../product.ts';
import { operatorOnly } from './authenticate.ts';
import { dumpRoutes } from './serve-dumps.ts';

const TOKEN = 'operator-token-of-this-test';
const RELEASED = {
  format: 'countersign/gate-record/v1',
  ...{ id: 'a'.repeat(32), outcome: 'released', reason: null as string | null },
  ...{ name: 'core.4711', bytes: 91_226_112, sha256: 'b'.repeat(64) },
  ...{ zone: 'signer', host: 'signer-1', atMs: 1000, redacted: false },
  ...{ kids: [] as string[], findings: 0, unread: 0 },
};
const BLOCKED = {
  ...RELEASED,
  ...{ id: 'c'.repeat(32), outcome: 'blocked', reason: 'live_key' },
  ...{ kids: ['kid-1', 'kid-2'], findings: 3 },
};

async function openRoutes() {
  const clock = new ManualClock();
  const migrations = auditMigrations;
  const store = await openStore<AuditTables>({ memory: true, migrations, clock });
  const audit = createAudit({ store, clock, random: systemRandom, product: PRODUCT });
  const guard = operatorOnly(TOKEN);
  const log = { warn: () => {} };
  const app = new Hono().route('/', dumpRoutes({ audit, clock, log, operatorOnly: guard }));
  app.onError((error, context) => answerProblem(context, error, () => undefined));
  const tell = async (body: unknown, credential = TOKEN) => {
    const headers = { authorization: `Bearer ${credential}` };
    const answer = await app.request('/dumps', {
      ...{ method: 'POST', headers, body: JSON.stringify(body) },
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const names = async () => {
    const events = await audit.listEvents({ limit: 100 });
    return events.map(({ name, kid }) => (kid === undefined ? name : `${name} ${kid}`));
  };
  return { tell, names, close: () => store.close() };
}

describe('what the gate tells', () => {
  it('is on record: what was released, and what was held back with each key in it', async () => {
    const { tell, names, close } = await openRoutes();
    assert.equal((await tell(RELEASED)).status, 200);
    assert.equal((await tell(BLOCKED)).status, 200);
    assert.deepEqual(await names(), [
      'dump.released',
      'dump.blocked kid-1',
      'key.access kid-1',
      'key.access kid-2',
    ]);
    await close();
  });

  it('is taken once, however often and however many at once tell it', async () => {
    const { tell, names, close } = await openRoutes();
    const answers = await Promise.all(Array.from({ length: 8 }, () => tell(BLOCKED)));
    assert.deepEqual(
      answers.map(({ body }) => body['known']),
      [false, ...Array.from({ length: 7 }, () => true)],
    );
    assert.equal((await names()).length, 3);
    await close();
  });

  it('is taken from operators only, and only in its form', async () => {
    const { tell, names, close } = await openRoutes();
    assert.equal((await tell(RELEASED, 'another-token-of-this-test')).status, 401);
    for (const wrong of [
      { ...RELEASED, id: '../../etc' },
      { ...RELEASED, name: 'two\nlines' },
      { ...RELEASED, reason: 'live_key' },
      { ...BLOCKED, reason: null },
      { ...RELEASED, secret: 'abc' },
      { ...RELEASED, bytes: -1 },
    ])
      assert.equal((await tell(wrong)).status, 400);
    assert.deepEqual(await names(), []);
    await close();
  });
});

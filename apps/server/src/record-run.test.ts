import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import { openStore } from '@countersign/storage';
import { type EventName, ManualClock, systemRandom } from '@countersign/vocabulary';
import { openRun } from './record-run.ts';

async function openRecord() {
  const clock = new ManualClock();
  const migrations = auditMigrations;
  const store = await openStore<AuditTables>({ memory: true, migrations, clock });
  const product = { name: 'countersign', version: '0.1.0' };
  const audit = createAudit({ store, clock, random: systemRandom, product });
  const settings = {
    url: 'https://id.example',
    listen: { port: 4600 },
    keyPassphrase: { file: '/x' },
  };
  const log = { error: () => assert.fail() };
  const facts = async (name: EventName) =>
    (await audit.listEvents({ names: [name] })).map(
      ({ ocsf }) => (ocsf['unmapped'] as { countersign: Record<string, unknown> }).countersign,
    );
  return { audit, clock, settings, log, facts, close: () => store.close() };
}

describe('a run of the server', () => {
  test('that ends in good order is told from one that was cut short', async () => {
    const { facts, close, ...parts } = await openRecord();
    await (await openRun(parts)).close();
    parts.clock.advanceMs(1000);
    await openRun(parts);
    parts.clock.advanceMs(60_000);
    await openRun(parts);
    const started = (await facts('audit.started')).map(({ extra }) => {
      const { cleanStop, silentMs } = extra as { cleanStop: boolean; silentMs?: number };
      return [cleanStop, silentMs];
    });
    assert.deepEqual(started, [
      [true, undefined],
      [true, 1000],
      [false, 60_000],
    ]);
    await close();
  });

  test('opens while the record takes nothing, and is on it as soon as it does', async () => {
    const { facts, close, audit, ...parts } = await openRecord();
    const room = { full: true };
    const record: typeof audit.record = (events, tx) =>
      room.full ? Promise.reject(new Error('no room')) : audit.record(events, tx);
    const log = { error: () => undefined };
    const run = await openRun({ ...parts, log, audit: { ...audit, record }, retryMs: 1 });
    assert.deepEqual(await facts('audit.started'), []);
    room.full = false;
    while ((await facts('audit.started')).length === 0)
      await new Promise((done) => setTimeout(done, 1));
    await run.close();
    assert.equal((await facts('audit.stopped')).length, 1);
    await close();
  });

  test('with other settings says which, as they were and as they are, and no secret', async () => {
    const { facts, close, ...parts } = await openRecord();
    await openRun(parts);
    await openRun(parts);
    await openRun({ ...parts, settings: { ...parts.settings, listen: { port: 4700 } } });
    const [first, second, ...more] = await facts('log.config_changed');
    assert.deepEqual(more, []);
    assert.deepEqual(first?.['extra'], { 'listen.port': 4600, url: 'https://id.example' });
    assert.deepEqual(second?.['change'], {
      after: { 'listen.port': 4700 },
      before: { 'listen.port': 4600 },
    });
    assert.ok(!JSON.stringify([first, second]).includes('/x'));
    await close();
  });
});

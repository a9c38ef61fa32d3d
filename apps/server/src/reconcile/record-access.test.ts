import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import type { AccessEntry } from '@countersign/keys';
import { openStore } from '@countersign/storage';
import { ManualClock, seededRandom } from '@countersign/vocabulary';
import { createAccessRecorder } from './record-access.ts';

const line = (number: number, more: Partial<AccessEntry> = {}): AccessEntry => ({
  ...{ number, atMs: 1000 + number, what: 'list', host: 'signer-1', caller: 'server', times: 1 },
  ...more,
});

async function world() {
  const clock = new ManualClock();
  const store = await openStore<AuditTables>({ memory: true, migrations: auditMigrations, clock });
  const product = { name: 'countersign', version: '0' };
  const audit = createAudit({ store, clock, random: seededRandom(1), product });
  const lines: AccessEntry[] = [];
  const first = {
    name: 'first',
    readAccess: async (from: number, limit: number) => ({
      entries: lines.filter(({ number }) => number >= from).slice(0, limit),
      lastNumber: lines.at(-1)?.number ?? 0,
    }),
  };
  const told = async () => {
    const events = await audit.listEvents({ names: ['key.access'], limit: 1000 });
    return events.map(({ ocsf }) => {
      const { countersign } = ocsf['unmapped'] as {
        countersign: { extra: Record<string, unknown>; kid?: string };
      };
      return countersign;
    });
  };
  return { audit, lines, first, told, close: () => store.close() };
}

describe('C-12 who touched the keys of a signer', () => {
  it('is on record once, line by line, also over restarts and beside other accesses', async () => {
    const { audit, lines, first, told, close } = await world();
    lines.push(line(1, { what: 'open' }), line(2, { what: 'change', kid: 'k', to: 'revoked' }));
    await createAccessRecorder(audit, [first]).look();
    await audit.record([{ name: 'key.access', timeMs: 5, extra: { action: 'exposure' } }]);
    lines.push(line(3, { what: 'tripwire', kid: 'k', by: 'op-ana' }));
    const again = createAccessRecorder(audit, [first]);
    await again.look();
    await again.look();
    const events = await told();
    assert.deepEqual(
      events.map(({ extra }) => [extra['action'], extra['line']]),
      [
        ['open', 1],
        ['change', 2],
        ['exposure', undefined],
        ['tripwire', 3],
      ],
    );
    assert.equal(events[1]?.kid, 'k');
    assert.deepEqual([events[1]?.extra['to'], events[1]?.extra['host']], ['revoked', 'signer-1']);
    await close();
  });

  it('is told in a sentence that says what was asked for', async () => {
    const { audit, lines, first, close } = await world();
    lines.push(line(1, { what: 'make', issuer: 'https://id.example/acme/workforce' }));
    lines.push(line(2, { what: 'change', kid: 'k', to: 'revoked', by: 'ana' }));
    lines.push(line(3, { what: 'tripwire', kid: 'k' }));
    await createAccessRecorder(audit, [first]).look();
    const events = await audit.listEvents({ names: ['key.access'], afterSequence: 0 });
    const acts = events.map(({ ocsf }) => /: (.*)$/.exec(String(ocsf['message']))?.[1]);
    assert.deepEqual(acts, [
      'make a key of https://id.example/acme/workforce.',
      'change key k to revoked.',
      'sign with key k, which is over.',
    ]);
    await close();
  });

  it('is read in pages, from where the signer still has it', async () => {
    const { audit, lines, first, told, close } = await world();
    for (let number = 700; number < 1900; number += 1) lines.push(line(number));
    await createAccessRecorder(audit, [first]).look();
    const numbers: unknown[] = [];
    for (const { extra } of await told()) numbers.push(extra['line']);
    assert.deepEqual([numbers.length, numbers[0]], [1000, 700]);
    const { length } = await audit.listEvents({ names: ['key.access'], afterSequence: 1000 });
    assert.equal(length, 100);
    await close();
  });

  it('of a signer that is away comes later, and holds up no other', async () => {
    const { audit, lines, first, told, close } = await world();
    lines.push(line(1));
    const away = { name: 'second', readAccess: () => Promise.reject(new Error('away')) };
    const recorder = createAccessRecorder(audit, [away, first]);
    await assert.rejects(recorder.look(), /away/);
    assert.equal((await told()).length, 1);
    await close();
  });

  it('says that the record of a signer was taken away or set back, once, and goes on with the new one', async () => {
    const { audit, lines, first, told, close } = await world();
    lines.push(line(1), line(2));
    const recorder = createAccessRecorder(audit, [first]);
    await recorder.look();
    lines.splice(0, 2, line(1, { what: 'open' }));
    await recorder.look();
    await recorder.look();
    await createAccessRecorder(audit, [first]).look();
    const events = (await told()).slice(2);
    assert.deepEqual(
      events.map(({ extra }) => extra['action']),
      ['record_set_back', 'open'],
    );
    assert.deepEqual([events[0]?.extra['known'], events[0]?.extra['last']], [2, 1]);
    const [, , stored] = await audit.listEvents({ names: ['key.access'] });
    assert.equal(stored?.severityId, 5);
    await close();
  });
});

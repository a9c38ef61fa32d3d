import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import { openStore } from '@countersign/storage';
import { type CountersignEvent, ManualClock, systemRandom } from '@countersign/vocabulary';
import { KeySetTeller } from './tell-key-set.ts';

async function openTeller() {
  const clock = new ManualClock();
  const migrations = auditMigrations;
  const store = await openStore<AuditTables>({ memory: true, migrations, clock });
  const product = { name: 'countersign', version: '0.1.0' };
  const audit = createAudit({ store, clock, random: systemRandom, product });
  const room = { full: false };
  const parts = {
    audit: {
      listEvents: audit.listEvents,
      record: async (events: readonly CountersignEvent[]) => {
        if (room.full) throw new Error('no room');
        return audit.record(events);
      },
    },
    ...{ clock, realm: 'acme/workforce' as const, issuer: 'https://id.example/acme/workforce' },
    maxAgeSeconds: 300,
  };
  const told = async () => {
    const events = await audit.listEvents({ names: ['jwks.published'] });
    return events.map(({ ocsf }) => {
      const { countersign } = ocsf['unmapped'] as {
        countersign: { change: { before: { kids: string }; after: { kids: string } } };
      };
      return `${countersign.change.before.kids} > ${countersign.change.after.kids}`;
    });
  };
  return { open: () => new KeySetTeller(parts), told, room, close: () => store.close() };
}

test('a key set that changes is told once for each change, also over a restart', async () => {
  const { open, told, close } = await openTeller();
  const first = open();
  for (const kids of [['a'], ['a'], ['b', 'a'], ['a', 'b'], ['b']]) first.shows(kids);
  await first.settled();
  const second = open();
  second.shows(['b']);
  second.shows(['b', 'c']);
  await second.settled();
  assert.deepEqual(await told(), [' > a', 'a > a b', 'a b > b', 'b > b c']);
  await close();
});

test('a change that cannot be told now is told with the next reading', async () => {
  const { open, told, room, close } = await openTeller();
  const teller = open();
  room.full = true;
  teller.shows(['a']);
  await teller.settled();
  room.full = false;
  teller.shows(['a']);
  await teller.settled();
  assert.deepEqual(await told(), [' > a']);
  await close();
});

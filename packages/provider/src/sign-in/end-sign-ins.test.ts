import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import { openStore } from '@countersign/storage';
import { ManualClock, type RealmId, seededRandom } from '@countersign/vocabulary';
import { providerMigrations } from '../artifacts/migrations.ts';
import type { ProviderTables } from '../artifacts/tables.ts';
import { endSignIns } from './end-sign-ins.ts';

const REALM: RealmId = 'acme/customer';
const MANY = 2_001;

test('whoever began thousands of sessions cannot keep them by that: all of them end, each on record', async () => {
  const clock = new ManualClock();
  const migrations = [...auditMigrations, ...providerMigrations];
  const store = await openStore<AuditTables & ProviderTables>({ memory: true, migrations, clock });
  const product = { name: 'countersign', version: '0.1.0' };
  const audit = createAudit({ store, clock, random: seededRandom(1), product });
  await store.transaction(async (tx) => {
    for (let number = 0; number < MANY; number++) {
      const row = { realm: REALM, uid: `s-${number}`, id_hash: `h-${number}`, account_id: 'p-1' };
      const rest = { signed_in_at: 1, payload: '{}', expires_at: 2_000_000_000 };
      await tx
        .insertInto('provider_sessions')
        .values({ ...row, ...rest })
        .execute();
    }
  });
  const ended = await endSignIns({ store, audit, clock }, REALM, 'p-1', 'risk');
  assert.deepEqual(ended, { sessions: MANY, grants: 0 });
  const left = await store.read.selectFrom('provider_sessions').select('uid').execute();
  assert.deepEqual(left, []);
  const { told } = await store.read
    .selectFrom('event')
    .select(({ fn }) => fn.countAll<number>().as('told'))
    .where('name', '=', 'session.ended')
    .executeTakeFirstOrThrow();
  assert.equal(told, MANY);
  await store.close();
});

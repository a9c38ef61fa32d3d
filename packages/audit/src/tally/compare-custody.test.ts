import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { openStore } from '@countersign/storage';
import { ManualClock } from '@countersign/vocabulary';
import { sql } from 'kysely';
import { auditMigrations } from '../migrations.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import type { AuditTables } from '../tables.ts';
import { readLedgerOfKeys } from './compare-custody.ts';

const KEYS = 1234;
const ROWS = 5000;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function openLedger(): Promise<AuditRoom> {
  const store = await openStore<AuditTables>({
    ...{ memory: true, migrations: auditMigrations, clock: new ManualClock() },
  });
  closing.push(() => store.close());
  await store.transaction((tx) =>
    sql`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${sql.lit(ROWS - 1)})
      INSERT INTO issued_token SELECT i + 1, randomblob(32), randomblob(32), randomblob(32),
        'kid-' || (i % ${sql.lit(KEYS)}), 'ES256', 'at+jwt', 'https://id.example', 'acme/workforce', '[]',
        NULL, NULL, 'root', NULL, 'none', 0, i + 1, 1 + i / ${sql.lit(KEYS)}, randomblob(32), 1, 2, NULL, NULL,
        NULL, 1, NULL FROM n`.execute(tx),
  );
  return { store, signers: { names: ['first'] } } as unknown as AuditRoom;
}

describe('what the ledger knows of keys', () => {
  test('is read of all of them, each with its highest number, in steps that let others work', async () => {
    const room = await openLedger();
    let others = 0;
    const working = setInterval(() => (others += 1), 0);
    const ledger = await readLedgerOfKeys(room);
    clearInterval(working);
    assert.equal(ledger.size, KEYS);
    for (const [kid, { highest }] of ledger) {
      const first = Number(kid.slice(4));
      assert.equal(highest, 1 + Math.floor((ROWS - 1 - first) / KEYS), kid);
    }
    assert.ok(others > 0);
  });

  test('is nothing of an empty ledger', async () => {
    const room = await openLedger();
    await room.store.transaction(async (tx) => {
      await sql`DROP TRIGGER issued_token_stays`.execute(tx);
      await sql`DELETE FROM issued_token`.execute(tx);
    });
    assert.equal((await readLedgerOfKeys(room)).size, 0);
  });
});

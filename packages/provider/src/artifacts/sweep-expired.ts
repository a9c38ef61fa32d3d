// Removes what has expired, a bounded number of rows at a time, so that the tables stay as small as
// the traffic and no sweep holds the writer for long.

import type { Store } from '@countersign/storage';
import { sql } from 'kysely';
import type { ProviderTables } from './tables.ts';

// The engine accepts a little clock skew; nothing is removed before that is over.
const GRACE_SECONDS = 60;

const swept = ['provider_artifacts', 'provider_sessions'] as const;

/** @returns how many rows were removed; when it equals a multiple of `mostRows`, more may wait. */
export async function sweepExpired(
  store: Store<ProviderTables>,
  nowSeconds: number,
  mostRows: number,
): Promise<number> {
  let removed = 0;
  for (const table of swept) {
    removed += await store.transaction(async (tx) => {
      const outcome = await sql`
        DELETE FROM ${sql.table(table)} WHERE rowid IN (
          SELECT rowid FROM ${sql.table(table)}
          WHERE expires_at < ${nowSeconds - GRACE_SECONDS} LIMIT ${mostRows})`.execute(tx);
      return Number(outcome.numAffectedRows ?? 0);
    });
  }
  return removed;
}

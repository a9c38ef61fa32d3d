// Sums up who uses tokens of which key, in the transaction that judges the uses. Only for keys of ours:
// a reporter can write any kid, and must not be able to fill this table.

import { type Kysely, sql } from 'kysely';
import { whenItHappened } from '../reconcile/read-uses.ts';
import type { AuditTables, KeyUseRow } from '../tables.ts';

export interface UseOfKey {
  kid: string;
  reporter_id: string;
  tenant: string;
  decision: string;
  at_ms: number;
  received_ms: number;
}

export async function noteKeyUses(
  tx: Kysely<AuditTables>,
  uses: readonly UseOfKey[],
): Promise<void> {
  for (const row of sumUses(uses)) {
    await tx
      .insertInto('key_use')
      .values(row)
      .onConflict((conflict) =>
        conflict.columns(['kid', 'reporter_id', 'decision']).doUpdateSet({
          uses: sql`key_use.uses + excluded.uses`,
          first_ms: sql`min(key_use.first_ms, excluded.first_ms)`,
          last_ms: sql`max(key_use.last_ms, excluded.last_ms)`,
          last_received_ms: sql`max(key_use.last_received_ms, excluded.last_received_ms)`,
        }),
      )
      .execute();
  }
}

function sumUses(uses: readonly UseOfKey[]): KeyUseRow[] {
  const sums = new Map<string, KeyUseRow>();
  for (const use of uses) {
    const { kid, reporter_id, tenant, decision, received_ms } = use;
    const atMs = whenItHappened(use);
    const name = JSON.stringify([kid, reporter_id, decision]);
    const sum = sums.get(name);
    if (sum === undefined) {
      const times = { first_ms: atMs, last_ms: atMs, last_received_ms: received_ms };
      sums.set(name, { kid, reporter_id, tenant, decision, uses: 1, ...times });
      continue;
    }
    sum.uses += 1;
    sum.first_ms = Math.min(sum.first_ms, atMs);
    sum.last_ms = Math.max(sum.last_ms, atMs);
    sum.last_received_ms = Math.max(sum.last_received_ms, received_ms);
  }
  return [...sums.values()];
}

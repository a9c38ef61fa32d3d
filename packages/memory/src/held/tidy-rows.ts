// Rows whose time is over, a page a transaction, so that nobody waits for it.

import type { Store } from '@countersign/storage';
import type { Clock } from '@countersign/vocabulary';
import { sql } from 'kysely';
import type { MemoryLimits } from '../memory-options.ts';
import type { MemoryTables } from '../tables.ts';

const DAY_MS = 86_400_000;
const PAGE = 1_000;

interface Parts {
  store: Store<MemoryTables>;
  clock: Clock;
  limits: MemoryLimits;
}

export async function tidyRows({ store, clock, limits }: Parts, kept: number): Promise<void> {
  const now = clock.nowMs();
  const oldestMs = now - limits.keepActsDays * DAY_MS;
  const oldestDay = Math.floor(now / DAY_MS) - limits.keepSnapshotsDays;
  const page = sql.lit(PAGE);
  const statements = [
    sql`DELETE FROM risk_act WHERE sequence IN (SELECT sequence FROM risk_act
      WHERE time_ms < ${oldestMs} AND sequence <= ${kept} LIMIT ${page})`,
    sql`DELETE FROM risk_snapshot WHERE (realm, subject, day) IN (SELECT realm, subject, day
      FROM risk_snapshot WHERE day < ${oldestDay} LIMIT ${page})`,
  ];
  for (const statement of statements) {
    for (let gone = PAGE; gone >= PAGE; ) {
      const { numAffectedRows } = await store.transaction((tx) => statement.execute(tx));
      gone = Number(numAffectedRows ?? 0n);
    }
  }
}

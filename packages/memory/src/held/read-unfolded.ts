// Where the rows of profiles and realms stand, and the acts after it.

import type { Store } from '@countersign/storage';
import type { KeptAct } from '../acts/act.ts';
import { readAct } from '../acts/act-row.ts';
import type { MemoryTables } from '../tables.ts';

export const CURSOR = 'folded';
const PAGE = 500;

export async function readCursor(store: Store<MemoryTables>): Promise<number> {
  const row = await store.read
    .selectFrom('risk_cursor')
    .select('sequence')
    .where('name', '=', CURSOR)
    .executeTakeFirst();
  return row?.sequence ?? 0;
}

export async function* readUnfolded(
  store: Store<MemoryTables>,
  cursor: number,
  onTrouble: (error: unknown) => void,
): AsyncGenerator<[sequence: number, act: KeptAct | undefined]> {
  for (let after = cursor; ; ) {
    const rows = await store.read
      .selectFrom('risk_act')
      .selectAll()
      .where('sequence', '>', after)
      .orderBy('sequence')
      .limit(PAGE)
      .execute();
    for (const row of rows) {
      after = row.sequence;
      yield [after, readAct(row, onTrouble)];
    }
    if (rows.length < PAGE) return;
  }
}

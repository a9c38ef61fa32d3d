// How far each follower of risk has come, by its name.

import type { Store } from '@countersign/storage';
import type { Clock } from '@countersign/vocabulary';
import type { MemoryTables } from '../tables.ts';

export interface Cursors {
  /** 0 before the first. */
  read(name: string): Promise<number>;
  move(name: string, sequence: number): Promise<void>;
}

interface Parts {
  store: Store<MemoryTables>;
  clock: Clock;
}

export function openCursors({ store, clock }: Parts): Cursors {
  return {
    read: async (name) => {
      const row = await store.read
        .selectFrom('risk_cursor')
        .select('sequence')
        .where('name', '=', `follower:${name}`)
        .executeTakeFirst();
      return row?.sequence ?? 0;
    },
    move: async (name, sequence) => {
      const row = { name: `follower:${name}`, sequence, changed_ms: clock.nowMs() };
      await store.transaction((tx) =>
        tx
          .insertInto('risk_cursor')
          .values(row)
          .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
          .execute(),
      );
    },
  };
}

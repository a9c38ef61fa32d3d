// Models that were put in: the champion judges, the challenger judges beside it without effect. Bytes
// only; whether their signature is good is asked by whoever loads them.

import type { Store } from '@countersign/storage';
import type { Clock } from '@countersign/vocabulary';
import type { Alongside } from '../people/keep-people.ts';
import type { MemoryTables } from '../tables.ts';

export type ModelRole = 'champion' | 'challenger';

export interface KeptModel {
  role: ModelRole;
  id: string;
  bytes: Uint8Array;
  putMs: number;
  putBy: string;
}

export interface ModelBook {
  find(role: ModelRole): Promise<KeptModel | undefined>;
  put(model: Omit<KeptModel, 'putMs'>, alongside?: Alongside): Promise<void>;
  remove(role: ModelRole, alongside?: Alongside): Promise<void>;
}

interface Parts {
  store: Store<MemoryTables>;
  clock: Clock;
}

export function openModelBook({ store, clock }: Parts): ModelBook {
  return {
    find: async (role) => {
      const row = await store.read
        .selectFrom('risk_model')
        .selectAll()
        .where('role', '=', role)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      return { role, id: row.id, bytes: row.bytes, putMs: row.put_ms, putBy: row.put_by };
    },
    put: ({ role, id, bytes, putBy }, alongside) =>
      store.transaction(async (tx) => {
        const row = { role, id, bytes, put_ms: clock.nowMs(), put_by: putBy };
        await tx
          .insertInto('risk_model')
          .values(row)
          .onConflict((conflict) => conflict.column('role').doUpdateSet(row))
          .execute();
        await alongside?.(tx);
      }),
    remove: (role, alongside) =>
      store.transaction(async (tx) => {
        await tx.deleteFrom('risk_model').where('role', '=', role).execute();
        await alongside?.(tx);
      }),
  };
}

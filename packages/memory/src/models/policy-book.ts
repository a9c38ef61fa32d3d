// What a tenant wants done about risk: one document a tenant, JSON. Whoever reads it checks it.

import type { Store } from '@countersign/storage';
import type { Clock } from '@countersign/vocabulary';
import type { Alongside } from '../people/keep-people.ts';
import type { MemoryTables } from '../tables.ts';

export interface KeptPolicy {
  tenant: string;
  body: string;
  changedMs: number;
  changedBy: string;
}

export interface PolicyBook {
  find(tenant: string): Promise<KeptPolicy | undefined>;
  list(): Promise<KeptPolicy[]>;
  put(policy: Omit<KeptPolicy, 'changedMs'>, alongside?: Alongside): Promise<void>;
}

interface Parts {
  store: Store<MemoryTables>;
  clock: Clock;
}

export function openPolicyBook({ store, clock }: Parts): PolicyBook {
  const all = () => store.read.selectFrom('risk_policy').selectAll();
  return {
    find: async (tenant) => {
      const row = await all().where('tenant', '=', tenant).executeTakeFirst();
      return row && policyOf(row);
    },
    list: async () => (await all().execute()).map(policyOf),
    put: ({ tenant, body, changedBy }, alongside) =>
      store.transaction(async (tx) => {
        const row = { tenant, body, changed_ms: clock.nowMs(), changed_by: changedBy };
        await tx
          .insertInto('risk_policy')
          .values(row)
          .onConflict((conflict) => conflict.column('tenant').doUpdateSet(row))
          .execute();
        await alongside?.(tx);
      }),
  };
}

function policyOf(row: MemoryTables['risk_policy']): KeptPolicy {
  const { tenant, body } = row;
  return { tenant, body, changedMs: row.changed_ms, changedBy: row.changed_by };
}

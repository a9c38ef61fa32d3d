// For the simulation: a store whose process dies around a commit, before it or just after it. What
// the dying process had in memory is then gone; what was committed stays.

import type { Store } from '@countersign/storage';
import type { AuditTables } from '../tables.ts';

export class Crash extends Error {}

/** `strike` is asked at each commit whether the process dies there. */
export function breakStore(
  store: Store<AuditTables>,
  strike: () => 'before' | 'after' | undefined,
): Store<AuditTables> {
  const around = async <T>(commit: () => Promise<T>): Promise<T> => {
    const moment = strike();
    if (moment === 'before') throw new Crash('died before the commit');
    const result = await commit();
    if (moment === 'after') throw new Crash('died after the commit');
    return result;
  };
  return {
    read: store.read,
    transaction: (job) => around(() => store.transaction(job)),
    write: (queries) => around(() => store.write(queries)),
    close: () => store.close(),
  };
}

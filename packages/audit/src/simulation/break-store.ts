// For the simulation: a store whose process dies around a commit, before it or just after it. What
// the dying process had in memory is then gone; what was committed stays.

import type { Store } from '@countersign/storage';
import type { AuditTables } from '../tables.ts';

export class Crash extends Error {}

export interface BreakableStore {
  store: Store<AuditTables>;
  /** A new process opens the same store. */
  revive(): void;
}

/** `strike` is asked at each commit whether the process dies there; the dead commit nothing more. */
export function breakStore(
  inner: Store<AuditTables>,
  strike: () => 'before' | 'after' | undefined,
): BreakableStore {
  let dead = false;
  const around = async <T>(commit: () => Promise<T>): Promise<T> => {
    if (dead) throw new Crash('is dead');
    const moment = strike();
    if (moment === 'before') {
      dead = true;
      throw new Crash('died before the commit');
    }
    const result = await commit();
    if (moment === 'after') {
      dead = true;
      throw new Crash('died after the commit');
    }
    return result;
  };
  const store: Store<AuditTables> = {
    read: inner.read,
    transaction: (job) => around(() => inner.transaction(job)),
    write: (queries) => around(() => inner.write(queries)),
    close: () => inner.close(),
  };
  return {
    store,
    revive: () => {
      dead = false;
    },
  };
}

/** True for a death, however many parts of the dying process it reached. */
export function isCrash(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isCrash);
  return error instanceof Crash;
}

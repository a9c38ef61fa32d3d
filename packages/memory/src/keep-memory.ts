// Puts the room together: what is remembered is in memory, every act is on disk before anybody is
// answered, and what was folded from acts follows in batches. A kill loses nothing: the acts after the
// cursor are folded again.

import { type ActBook, openActBook } from './acts/act-book.ts';
import { type Cursors, openCursors } from './held/follow-cursors.ts';
import { Keeping } from './held/keeping.ts';
import { type KeyBook, openKeyBook } from './keys/key-book.ts';
import { defaultMemoryLimits, type MemoryOptions } from './memory-options.ts';
import { type ModelBook, openModelBook } from './models/model-book.ts';
import { openPolicyBook, type PolicyBook } from './models/policy-book.ts';
import { openPeople, type People } from './people/keep-people.ts';
import { openStandings, type Standings } from './people/list-standings.ts';

export interface Memory<I, C, D, S>
  extends Pick<
    Keeping<I, C, D, S>,
    'open' | 'underWay' | 'standingNow' | 'write' | 'caughtUp' | 'flush'
  > {
  acts: ActBook;
  keys: KeyBook;
  models: ModelBook;
  policies: PolicyBook;
  people: People<S, D>;
  standings: Standings<S>;
  /** Places of those who follow something; each is moved when its step is done. */
  cursors: Cursors;
  /** What is done daily: old acts and snapshots go, standings decay. Safe to call at any time. */
  tidy(): Promise<void>;
  /** Writes everything and stops. */
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;

/** Opens the memory and folds what a crash left. The store's migrations include `memoryMigrations`. */
export async function keepMemory<I, C, D, S>(
  options: MemoryOptions<I, C, D, S>,
): Promise<Memory<I, C, D, S>> {
  const limits = { ...defaultMemoryLimits, ...options.limits };
  const { store, clock, random, secret } = options;
  const models = openModelBook({ store, clock });
  await options.prepare?.(models);
  const keeping = await Keeping.open({ ...options, limits });
  const acts = openActBook(options);
  return {
    open: (realm, subject) => keeping.open(realm, subject),
    underWay: (realm, subject) => keeping.underWay(realm, subject),
    standingNow: (realm, subject) => keeping.standingNow(realm, subject),
    write: (given, alongside) => keeping.write(given, alongside),
    caughtUp: () => keeping.caughtUp(),
    flush: () => keeping.flush(),
    acts,
    keys: openKeyBook({
      ...{ store, clock, random, secret },
      rotateAfterMs: limits.rotateKeysDays * DAY_MS,
    }),
    models,
    policies: openPolicyBook({ store, clock }),
    people: openPeople({ options, keeping, acts }),
    cursors: openCursors({ store, clock }),
    standings: openStandings({ options, keeping }),
    tidy: () => keeping.tidy(),
    close: () => keeping.close(),
  };
}

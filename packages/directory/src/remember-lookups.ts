// A bounded memory of lookups that /token makes each time. It holds the promise of a lookup, so a
// write that forgets a key also forgets a lookup that was under way and may have read the old row.

import type { Clock } from '@countersign/vocabulary';

const MOST_ENTRIES = 2000;
// Another process on the same store (the CLI) cannot tell this one; its change arrives this late.
const LONGEST_AGE_MS = 5000;

interface Entry<T> {
  found: Promise<T | undefined>;
  staleAtMs: number;
}

export interface LookupMemory<T> {
  /** The remembered answer, or that of `look`. Absence and failure are not remembered. */
  find(key: string, look: () => Promise<T | undefined>): Promise<T | undefined>;
  /** Call after the COMMIT of a write to the key. */
  forget(key: string): void;
}

export function rememberLookups<T>(clock: Clock): LookupMemory<T> {
  const entries = new Map<string, Entry<T>>();

  const forgetThis = (key: string, entry: Entry<T>): void => {
    if (entries.get(key) === entry) entries.delete(key);
  };

  const lookUp = (key: string, look: () => Promise<T | undefined>): Promise<T | undefined> => {
    const entry: Entry<T> = { found: look(), staleAtMs: clock.nowMs() + LONGEST_AGE_MS };
    entries.delete(key);
    if (entries.size >= MOST_ENTRIES) {
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    }
    entries.set(key, entry);
    // The caller gets the failure itself; here it only must not be remembered.
    entry.found.then(
      (value) => value === undefined && forgetThis(key, entry),
      () => forgetThis(key, entry),
    );
    return entry.found;
  };

  return {
    find(key, look) {
      const entry = entries.get(key);
      const ageLeftMs = entry === undefined ? 0 : entry.staleAtMs - clock.nowMs();
      // A clock that jumps back must not keep an entry longer than its age.
      if (entry !== undefined && ageLeftMs > 0 && ageLeftMs <= LONGEST_AGE_MS) return entry.found;
      return lookUp(key, look);
    },
    forget(key) {
      entries.delete(key);
    },
  };
}

// One list of all keys for those who may ask without a name: however many they are and however often
// they ask, a tenth of the server's time at most goes into it, and of the signer's.

import type { KeyLives, KeyView } from '@countersign/provider';

export type RecentKeys = () => Promise<readonly KeyView[]>;

/** As fresh as that, where reading it is cheap. */
const FRESH_MS = 2000;
/** Rests this many times as long as the last reading took. */
const REST = 9;

/** @param steadyMs time that never jumps */
export function shareKeyList(
  keyLives: Pick<KeyLives, 'list'>,
  steadyMs: () => number = () => performance.now(),
): RecentKeys {
  let last: Promise<readonly KeyView[]> | undefined;
  let staleMs = Number.NEGATIVE_INFINITY;
  const read = async (): Promise<readonly KeyView[]> => {
    const startedMs = steadyMs();
    try {
      return await keyLives.list();
    } catch (error) {
      last = undefined;
      throw error;
    } finally {
      const endedMs = steadyMs();
      staleMs = endedMs + Math.max(FRESH_MS, REST * (endedMs - startedMs));
    }
  };
  return () => {
    if (last !== undefined && steadyMs() < staleMs) return last;
    staleMs = Number.POSITIVE_INFINITY;
    last = read();
    return last;
  };
}

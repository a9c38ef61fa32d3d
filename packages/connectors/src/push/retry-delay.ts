// How long to wait after failures in a row: doubling, bounded, and scattered, so that sinks which failed
// together do not come back together.

import type { Random } from '@countersign/vocabulary';

const FIRST_MS = 1000;
const LONGEST_MS = 5 * 60_000;
/** Nobody may put us off for longer. */
const LONGEST_ASKED_MS = 60 * 60_000;

/** @param askedSeconds what the other side asked for (Retry-After) */
export function retryDelayMs(failures: number, random: Random, askedSeconds?: number): number {
  const grown = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(20, Math.max(0, failures - 1)));
  const [high = 0, low = 0] = random.bytes(2);
  const scattered = grown * (0.5 + ((high * 256 + low) / 65_536) * 0.5);
  const asked = Math.min(LONGEST_ASKED_MS, (askedSeconds ?? 0) * 1000);
  return Math.round(Math.max(scattered, asked));
}

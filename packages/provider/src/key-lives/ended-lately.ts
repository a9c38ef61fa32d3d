// Which keys a turn looks at: of those that are over, only what may still have something left undone.

import type { Clock } from '@countersign/vocabulary';

/** A quarter of a year: what is left undone of a key that is over is done within minutes. */
const LATELY_MS = 90 * 86_400_000;

/** For `listKeys`: all keys that are not over, and those that have not been for long. */
export function endedLately(clock: Clock): { endedAfterMs: number } {
  return { endedAfterMs: clock.nowMs() - LATELY_MS };
}

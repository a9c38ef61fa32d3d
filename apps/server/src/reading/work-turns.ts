// Filters are held against events in the process that also answers everybody else. Whatever goes through many
// of them lets others have their turn after some milliseconds, not after some number of events: one may be a
// megabyte long.

const TURN_MS = 15;

/** @returns to be awaited between two pieces of work */
export function openTurns(): () => Promise<void> {
  let sinceMs = performance.now();
  return async () => {
    if (performance.now() - sinceMs < TURN_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    sinceMs = performance.now();
  };
}

// Counts of "lately": of the window that runs and of the one before. With one window alone, whoever knows
// when it began waits for its end, and everything is forgotten at once.

/**
 * How many windows began since the one that runs; a clock that was set back far begins anew.
 * @returns 0 still the same, 1 the next, 2 or more: nothing of before is of use.
 */
function windowsSince(fromMs: number, timeMs: number, windowMs: number): number {
  if (fromMs === 0 || timeMs < fromMs - windowMs) return 2;
  return Math.max(0, Math.floor((timeMs - fromMs) / windowMs));
}

/** Brings a row [since when, columns now, columns before] to the window of a time. */
export function renewRow(
  row: Float64Array,
  columns: number,
  timeMs: number,
  windowMs: number,
): void {
  const from = row[0] ?? 0;
  const windows = windowsSince(from, timeMs, windowMs);
  if (windows === 0) return;
  if (windows === 1) row.copyWithin(1 + columns, 1, 1 + columns);
  else row.fill(0, 1 + columns);
  row.fill(0, 1, 1 + columns);
  row[0] = windows === 1 ? from + windowMs : timeMs;
}

/** Which of the two windows still count at a time. */
export function windowsAt(
  fromMs: number,
  timeMs: number,
  windowMs: number,
): { now: boolean; before: boolean } {
  const windows = windowsSince(fromMs, timeMs, windowMs);
  return { now: windows <= 1, before: windows === 0 };
}

/** Counts one more in three columns: since when, now, before. @returns whether a window began. */
export function countOne(row: Float64Array, at: number, timeMs: number, windowMs: number): boolean {
  const three = row.subarray(at, at + 3);
  const from = three[0];
  renewRow(three, 1, timeMs, windowMs);
  three[1] = (three[1] ?? 0) + 1;
  return three[0] !== from;
}

/** What three such columns come to. */
export function countedLately(
  row: Float64Array | undefined,
  at: number,
  timeMs: number,
  windowMs: number,
): number {
  if (row === undefined) return 0;
  const { now, before } = windowsAt(row[at] ?? 0, timeMs, windowMs);
  return (now ? (row[at + 1] ?? 0) : 0) + (before ? (row[at + 2] ?? 0) : 0);
}

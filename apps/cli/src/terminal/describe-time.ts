// Spans of time as a person says them.

const UNITS: readonly [string, number][] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
];

/** `89 d`, `3 h`, `12 min`, `40 s`: one unit, rounded; below a second `now`. */
export function describeSpan(milliseconds: number): string {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  for (const [unit, size] of UNITS)
    if (seconds >= size) return `${Math.round(seconds / size)} ${unit}`;
  return 'now';
}

/** `in 3 h`, `3 h ago`, `now`. */
export function describeDistance(atMs: number, nowMs: number): string {
  const span = describeSpan(atMs - nowMs);
  if (span === 'now') return span;
  return atMs > nowMs ? `in ${span}` : `${span} ago`;
}

/** `1,204`, whatever the machine's language. */
export function describeCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

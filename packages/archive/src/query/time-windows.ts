// A page is mostly found near one end of the history. So the history is searched in windows, the nearest
// first, each several times as wide as the one before: a frequent match costs one small window, a rare
// one the whole, once.

import type { TimeRange } from '@countersign/search';

const DAY_MS = 86_400_000;
const EDGES_MS = [1, 7, 30, 120].map((days) => days * DAY_MS);

/** In the order of the search; together they are `range`, and no two of them meet. */
export function timeWindows(
  { fromMs, toMs }: TimeRange,
  order: 'newest' | 'oldest',
  nowMs: number,
): TimeRange[] {
  const edges = EDGES_MS.map((ageMs) => nowMs - ageMs);
  const starts = [...edges, Number.NEGATIVE_INFINITY];
  const ends = [Number.POSITIVE_INFINITY, ...edges.map((edge) => edge - 1)];
  const windows = starts
    .map((start, at) => ({
      fromMs: Math.max(start, fromMs),
      toMs: Math.min(ends[at] ?? start, toMs),
    }))
    .filter((window) => window.fromMs <= window.toMs);
  return order === 'newest' ? windows : windows.reverse();
}

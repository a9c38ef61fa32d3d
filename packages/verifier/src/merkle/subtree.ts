// Subtrees of the log's one tree (draft-ietf-plants-merkle-tree-certs §4): which ranges are
// subtrees, where a range splits, and which two subtrees cover any interval. Arithmetic only:
// JavaScript's bit operators cut at 32 bits and indexes reach 2^53-1.

/** Leaves `start` (included) to `end` (excluded). */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

export function isLeafRange({ start, end }: LeafRange): boolean {
  return Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end;
}

/** The least power of two that is at least `count`; 1 for 0. */
export function ceilingPower(count: number): number {
  let power = 1;
  while (power < count) power *= 2;
  return power;
}

/** Where a tree of `size` leaves splits: the largest power of two strictly below `size` (> 1). */
export function splitPoint(size: number): number {
  return ceilingPower(size) / 2;
}

/** True when the range is a subtree: its start is a multiple of its size rounded up to a power of two. */
export function isSubtree(range: LeafRange): boolean {
  return isLeafRange(range) && range.start % ceilingPower(range.end - range.start) === 0;
}

/**
 * One or two subtrees that together cover `[start, end)` and reach left of it by less than its
 * size. For at most one leaf it is `[start, end)` and the empty `[end, end)`.
 */
export function coveringPair(range: LeafRange): [LeafRange, LeafRange] {
  const { start, end } = range;
  if (end - start <= 1) return [range, { start: end, end }];
  const last = end - 1;
  // The smallest aligned block that holds both start and last; its middle lies between them.
  let block = 1;
  while (Math.floor(start / block) !== Math.floor(last / block)) block *= 2;
  const middle = last - (last % (block / 2));
  // The left part must end at middle, so it is as large as the distance from start requires.
  const span = ceilingPower(middle - start);
  return [
    { start: middle - span, end: middle },
    { start: middle, end },
  ];
}

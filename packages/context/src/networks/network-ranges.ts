// Ranges as they are collected, and the same as a list of places where something else begins: what a
// binary search wants. Of two ranges around an address the one that begins later speaks for it.

/** Inclusive. Keys are the address for IPv4 and the first 64 bits for IPv6. */
export interface Range<Key extends number | bigint> {
  start: Key;
  end: Key;
  /** 0 means that nothing is known. */
  value: number;
}

export interface Boundary<Key extends number | bigint> {
  start: Key;
  value: number;
}

/** @param ranges sorted by start. @param next the key after another. */
export function flattenRanges<Key extends number | bigint>(
  ranges: Iterable<Range<Key>>,
  next: (key: Key) => Key,
): Boundary<Key>[] {
  const boundaries: Boundary<Key>[] = [];
  const open: Range<Key>[] = [];
  const begin = (start: Key, value: number): void => {
    const last = boundaries.at(-1);
    if (last?.start === start) boundaries.pop();
    if ((boundaries.at(-1)?.value ?? 0) !== value) boundaries.push({ start, value });
  };
  const closeUpTo = (start: Key | undefined): void => {
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      if (start !== undefined && top.end >= start) return;
      const { end } = top;
      open.pop();
      // What ended in the shade of this one ends with it.
      while (open.length > 0 && (open.at(-1)?.end ?? end) <= end) open.pop();
      begin(next(end), open.at(-1)?.value ?? 0);
    }
  };
  for (const range of ranges) {
    closeUpTo(range.start);
    begin(range.start, range.value);
    open.push(range);
  }
  closeUpTo(undefined);
  return boundaries;
}

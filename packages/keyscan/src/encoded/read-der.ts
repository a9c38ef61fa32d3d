// The least of DER (X.690 §8.1, §10.1) that tells a private key from other bytes: a tag, a length
// in its shortest form, and where the content lies.

export interface DerItem {
  tag: number;
  /** Where the tag stands. */
  at: number;
  /** Where the content begins. */
  start: number;
  /** One past the content; may lie past the end of the bytes when they were cut off. */
  end: number;
}

/** The item at `at`, or nothing when no header of DER stands there. */
export function readItem(bytes: Uint8Array, at: number): DerItem | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) return undefined;
  if (first < 0x80) return { tag, at, start: at + 2, end: at + 2 + first };
  const count = first & 0x7f;
  if (count === 0 || count > 3 || at + 2 + count > bytes.length) return undefined;
  let length = 0;
  for (let index = 0; index < count; index += 1)
    length = length * 256 + (bytes[at + 2 + index] as number);
  const shortest = count === 1 ? 0x80 : 256 ** (count - 1);
  if (length < shortest) return undefined;
  return { tag, at, start: at + 2 + count, end: at + 2 + count + length };
}

/** The sequence whose content begins exactly at `start`: its header has two to five bytes. */
export function sequenceBefore(bytes: Uint8Array, start: number): DerItem | undefined {
  for (let header = 2; header <= 5; header += 1) {
    const at = start - header;
    if (at < 0 || bytes[at] !== 0x30) continue;
    const item = readItem(bytes, at);
    if (item !== undefined && item.start === start) return item;
  }
  return undefined;
}

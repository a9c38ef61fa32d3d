// The time of an entry, which its receipt repeats, read without taking the entry apart: a log asks
// this of every entry it is given.

import { decodeLogEntry } from './key-entry.ts';
import { LEAF_BYTES, LEAF_VERSION, TAGS_BYTES, TAGS_PRESENT } from './leaf-entry.ts';

const TIME_OFFSET = 2;
const TYPES = 3;

/**
 * Milliseconds since the Unix epoch of an entry of any version. Refuses what `decodeLogEntry`
 * refuses. @throws FormatError `leaf_malformed`
 */
export function entryTimeMs(entry: Uint8Array): number {
  if (isPlainLeaf(entry)) {
    let timeMs = 0;
    for (let at = TIME_OFFSET; at < TIME_OFFSET + 6; at += 1) {
      timeMs = timeMs * 256 + (entry[at] as number);
    }
    return timeMs;
  }
  const read = decodeLogEntry(entry);
  return read.kind === 'token' ? read.issuedMs : read.atMs;
}

/** True for a well-formed entry of version 1, the one that comes thousands of times a second. */
function isPlainLeaf(entry: Uint8Array): boolean {
  const type = entry[1] ?? 0;
  if (entry[0] !== LEAF_VERSION || type < 1 || type > TYPES) return false;
  return entry.length === LEAF_BYTES || isTagged(entry);
}

/** True when a well-formed entry carries tags, its last 25 bytes. */
export function isTagged(entry: Uint8Array): boolean {
  return (
    entry[0] === LEAF_VERSION &&
    entry.length === LEAF_BYTES + TAGS_BYTES &&
    entry[LEAF_BYTES] === TAGS_PRESENT
  );
}

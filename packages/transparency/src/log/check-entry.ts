// What may become a leaf: version 1, 44 or 69 bytes, a known type, and a time that agrees with the
// notary's own clock, because receipts vouch for that time.

import { decodeLeafEntry, FormatError, type LeafEntry } from '@countersign/verifier';
import { refusal } from '../transparency-error.ts';

/** How far an entry's issue time may lie from the notary's clock, in either direction. */
export const MAX_CLOCK_SKEW_MS = 60_000;

/** @throws CodedError `entry_malformed`, `clock_skew` */
export function checkEntry(entry: Uint8Array, nowMs: number): LeafEntry {
  const leaf = parseEntry(entry);
  if (Math.abs(leaf.issuedMs - nowMs) > MAX_CLOCK_SKEW_MS) {
    throw refusal(
      'clock_skew',
      'The issue time of the entry is more than 60 s away from the clock of the log.',
    );
  }
  return leaf;
}

function parseEntry(entry: Uint8Array): LeafEntry {
  try {
    return decodeLeafEntry(entry);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw refusal('entry_malformed', cause.message, { cause });
  }
}

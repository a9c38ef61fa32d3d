// What may become a leaf: a token's entry (version 1) or a key's (version 2), strict in form, and of
// a time that agrees with the notary's own clock, because receipts vouch for that time.

import { decodeLogEntry, FormatError, type LeafTags } from '@countersign/verifier';
import { refusal } from '../transparency-error.ts';

/** How far an entry's issue time may lie from the notary's clock, in either direction. */
export const MAX_CLOCK_SKEW_MS = 60_000;

/** What a receipt repeats of its entry. */
export interface ReceiptFacts {
  /** The time of a token's issue or of a key's event. */
  readonly issuedMs: number;
  readonly tags?: LeafTags | undefined;
}

/** @throws CodedError `entry_malformed`, `clock_skew` */
export function checkEntry(entry: Uint8Array, nowMs: number): ReceiptFacts {
  const leaf = parseEntry(entry);
  if (Math.abs(leaf.issuedMs - nowMs) > MAX_CLOCK_SKEW_MS) {
    throw refusal(
      'clock_skew',
      'The issue time of the entry is more than 60 s away from the clock of the log.',
    );
  }
  return leaf;
}

function parseEntry(entry: Uint8Array): ReceiptFacts {
  try {
    const read = decodeLogEntry(entry);
    return read.kind === 'token' ? read : { issuedMs: read.atMs };
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw refusal('entry_malformed', cause.message, { cause });
  }
}

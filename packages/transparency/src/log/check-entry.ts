// What may become a leaf: a token's entry (version 1), a key's (version 2) or an anchor of audit
// trails (version 3), strict in form, and of a time that agrees with the notary's own clock, because
// receipts vouch for that time.

import { entryTimeMs, FormatError } from '@countersign/verifier';
import { refusal } from '../transparency-error.ts';

/** How far an entry's issue time may lie from the notary's clock, in either direction. */
export const MAX_CLOCK_SKEW_MS = 60_000;

/** @throws CodedError `entry_malformed`, `clock_skew` */
export function checkEntry(entry: Uint8Array, nowMs: number): void {
  if (Math.abs(readTime(entry) - nowMs) > MAX_CLOCK_SKEW_MS) {
    throw refusal(
      'clock_skew',
      'The issue time of the entry is more than 60 s away from the clock of the log.',
    );
  }
}

function readTime(entry: Uint8Array): number {
  try {
    return entryTimeMs(entry);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw refusal('entry_malformed', cause.message, { cause });
  }
}

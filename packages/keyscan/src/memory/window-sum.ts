// The cheap first look of the scan for live keys: a sum over every 32 bytes in a row that does not
// depend on their order, so that one number finds a secret in every byte order, and tells a thief 16
// bits of it once (docs/decisions/0014-scanner-fingerprints.md has the arithmetic).

import { createHash } from 'node:crypto';

/** Bytes of a secret that a fingerprint is of; every secret has a window of this length. */
export const WINDOW_BYTES = 32;
/** Sums are 16 bits: the more, the faster a scan of many keys, and the more is told of each. */
const SUM_SHIFT = 16;
export const SUM_COUNT = 65_536;

/** What each byte adds: fixed for all time, so that no second number about a secret ever leaves. */
const WEIGHTS = Int32Array.from({ length: 256 }, (_, byte) =>
  createHash('sha256')
    .update('countersign/scan/v1\n')
    .update(Uint8Array.of(byte))
    .digest()
    .readInt32BE(),
);

/** The sum of the 32 bytes at `at`, from 0 to 65,535. */
export function windowSum(bytes: Uint8Array, at: number): number {
  return rawSum(bytes, at, at + WINDOW_BYTES) >>> SUM_SHIFT;
}

/**
 * The first window at `from` or later, and starting before `end`, whose sum is wanted: the loop that
 * the speed of a scan hangs on. `end - 1 + WINDOW_BYTES` must lie in `bytes`.
 *
 * @param wanted one byte a sum, not zero where it is looked for
 * @returns `end` when there is none
 */
export function nextWanted(
  bytes: Uint8Array,
  from: number,
  end: number,
  wanted: Uint8Array,
): number {
  const weights = WEIGHTS;
  let sum = rawSum(bytes, from, from + WINDOW_BYTES - 1);
  for (let at = from; at < end; at += 1) {
    sum = (sum + (weights[bytes[at + WINDOW_BYTES - 1] as number] as number)) | 0;
    if (wanted[sum >>> SUM_SHIFT] !== 0) return at;
    sum = (sum - (weights[bytes[at] as number] as number)) | 0;
  }
  return end;
}

function rawSum(bytes: Uint8Array, from: number, end: number): number {
  let sum = 0;
  for (let at = from; at < end; at += 1) {
    sum = (sum + (WEIGHTS[bytes[at] as number] as number)) | 0;
  }
  return sum;
}

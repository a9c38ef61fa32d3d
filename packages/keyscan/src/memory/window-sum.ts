// The cheap first look of the scan for live keys: a sum over every 32 bytes in a row that does not
// depend on their order, so that one number finds a secret in every byte order, and tells a thief 16
// bits of it once (docs/decisions/0014-scanner-fingerprints.md has the arithmetic).

import { createHash } from 'node:crypto';

/** Bytes of a secret that a fingerprint is of; every secret has a window of this length. */
export const WINDOW_BYTES = 32;
/** Sums are 16 bits: the more, the faster a scan of many keys, and the more is told of each. */
const SUM_SHIFT = 16;
const WINDOW_WORDS = WINDOW_BYTES / 4;
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

/** The same bytes twice: one by one, and four at a time from where they are aligned. */
export interface SearchedBytes {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  /** Index in `bytes` of the first word. */
  readonly wordsAt: number;
}

/** The order in which this machine puts the bytes of a word; where it is the other, there are none. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

export function searchedBytes({ buffer, byteOffset, length }: Uint8Array): SearchedBytes {
  // A plain view of a plain class, so that the loops over it are compiled for that alone.
  const bytes = new Uint8Array(buffer, byteOffset, length);
  const wordsAt = -byteOffset & 3;
  if (!IS_LITTLE_ENDIAN || length < wordsAt) return { bytes, words: new Uint32Array(0), wordsAt };
  const words = new Uint32Array(buffer, byteOffset + wordsAt, (length - wordsAt) >>> 2);
  return { bytes, words, wordsAt };
}

/**
 * The first window at `from` or later, and starting before `end`, whose sum is wanted. All of the
 * windows must lie in the bytes.
 *
 * @param wanted one byte a sum, 1 where it is looked for and else 0
 * @returns `end` when there is none
 */
export function nextWanted(
  searched: SearchedBytes,
  from: number,
  end: number,
  wanted: Uint8Array,
): number {
  const { bytes, wordsAt } = searched;
  const aligned = Math.min(end, from + ((wordsAt - from) & 3));
  const early = searchBytes(bytes, from, aligned, wanted);
  if (early < aligned) return early;
  return searchBytes(bytes, searchWords(searched, aligned, end, wanted), end, wanted);
}

function searchBytes(bytes: Uint8Array, from: number, end: number, wanted: Uint8Array): number {
  if (from >= end) return end;
  let sum = rawSum(bytes, from, from + WINDOW_BYTES - 1);
  for (let at = from; at < end; at += 1) {
    sum = (sum + (WEIGHTS[bytes[at + WINDOW_BYTES - 1] as number] as number)) | 0;
    if (wanted[sum >>> SUM_SHIFT] !== 0) return at;
    sum = (sum - (WEIGHTS[bytes[at] as number] as number)) | 0;
  }
  return end;
}

/**
 * The loop that the speed of a scan hangs on: four windows a turn, two loads for eight bytes.
 * @param from where a word begins
 * @returns where four windows begin of which one is wanted, or a little before `end`
 */
function searchWords(
  { bytes, words, wordsAt }: SearchedBytes,
  from: number,
  end: number,
  wanted: Uint8Array,
): number {
  const weights = WEIGHTS;
  const first = (from - wordsAt) >> 2;
  // The last word that comes in still lies before the end of the last window.
  const last = Math.min(words.length - WINDOW_WORDS, first + ((end - from - 1) >> 2));
  if (last <= first) return from;
  let sum = rawSum(bytes, from, from + WINDOW_BYTES);
  for (let index = first; index < last; index += 1) {
    const out = words[index] as number;
    const into = words[index + WINDOW_WORDS] as number;
    const second = (sum + slide(weights, out & 255, into & 255)) | 0;
    const third = (second + slide(weights, (out >>> 8) & 255, (into >>> 8) & 255)) | 0;
    const fourth = (third + slide(weights, (out >>> 16) & 255, (into >>> 16) & 255)) | 0;
    const any =
      (wanted[sum >>> SUM_SHIFT] as number) |
      (wanted[second >>> SUM_SHIFT] as number) |
      (wanted[third >>> SUM_SHIFT] as number) |
      (wanted[fourth >>> SUM_SHIFT] as number);
    if (any !== 0) return wordsAt + index * 4;
    sum = (fourth + slide(weights, out >>> 24, into >>> 24)) | 0;
  }
  return wordsAt + last * 4;
}

/** What a sum changes by when one byte goes and one comes. */
function slide(weights: Int32Array, out: number, into: number): number {
  return ((weights[into] as number) - (weights[out] as number)) | 0;
}

function rawSum(bytes: Uint8Array, from: number, end: number): number {
  let sum = 0;
  for (let at = from; at < end; at += 1) {
    sum = (sum + (WEIGHTS[bytes[at] as number] as number)) | 0;
  }
  return sum;
}

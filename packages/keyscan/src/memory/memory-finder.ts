// Finds our live keys in raw memory by the fingerprints that their signer exports: a sum over every
// 32 bytes, and for the few that have a wanted sum a hash (C-11).

import { createHash } from 'node:crypto';
import { equalBytes } from '@countersign/verifier';
import type { Finder, Report } from '../find.ts';
import { FEWEST_FOR_KNOWN, looksRandom } from './looks-random.ts';
import { type Fingerprint, HASH_BYTES } from './parse-fingerprints.ts';
import { nextWanted, SUM_COUNT, WINDOW_BYTES, windowSum } from './window-sum.ts';

const HASH_LABEL = Buffer.from('countersign/scanner-fingerprint/v1\n', 'ascii');

/** A finder of the secrets that `fingerprints` are of: at any offset, whole ones only. */
export function memoryFinder(fingerprints: readonly Fingerprint[]): Finder {
  const wanted = new Uint8Array(SUM_COUNT);
  const bySum = new Map<number, Fingerprint[]>();
  for (const fingerprint of fingerprints) {
    const { sum } = fingerprint;
    wanted[sum] = 1;
    bySum.set(sum, [...(bySum.get(sum) ?? []), fingerprint]);
  }
  return {
    window: fingerprints.reduce((most, { length }) => Math.max(most, length), WINDOW_BYTES),
    scan(given, from, report) {
      if (bySum.size === 0) return;
      // A plain view of a plain class, so that the loop over it is compiled for that alone.
      const bytes = new Uint8Array(given.buffer, given.byteOffset, given.length);
      const end = bytes.length - WINDOW_BYTES + 1;
      for (let at = nextWanted(bytes, from, end, wanted); at < end; ) {
        if (looksRandom(bytes, at, FEWEST_FOR_KNOWN)) {
          const known = bySum.get(windowSum(bytes, at)) as Fingerprint[];
          reportKnown(bytes, at, from, known, report);
        }
        at = nextWanted(bytes, at + 1, end, wanted);
      }
    },
  };
}

function reportKnown(
  bytes: Uint8Array,
  windowAt: number,
  from: number,
  known: readonly Fingerprint[],
  report: Report,
): void {
  for (const { kid, kind, length, at, hash, what } of known) {
    const start = windowAt - at;
    if (start < from || start + length > bytes.length) continue;
    const window = bytes.subarray(windowAt, windowAt + WINDOW_BYTES);
    if (equalBytes(hashWindow(kid, window), hash)) report(start, length, kind, what, kid);
  }
}

function hashWindow(kid: string, window: Uint8Array): Uint8Array {
  const hash = createHash('sha256').update(HASH_LABEL).update(kid).update(window).digest();
  return hash.subarray(0, HASH_BYTES);
}

// Finds our live keys in raw memory by the fingerprints that their signer exports: a sum over every
// 32 bytes, and for the few that have a wanted sum a hash (C-11).

import { hash } from 'node:crypto';
import { equalBytes } from '@countersign/verifier';
import type { Finder, Report } from '../find.ts';
import { FEWEST_FOR_KNOWN, isZero, looksRandom, STRETCH } from './looks-random.ts';
import { type Fingerprint, HASH_BYTES } from './parse-fingerprints.ts';
import { nextWanted, SUM_COUNT, searchedBytes, WINDOW_BYTES, windowSum } from './window-sum.ts';

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
      const searched = searchedBytes(given);
      const { bytes } = searched;
      const end = bytes.length - WINDOW_BYTES + 1;
      for (let at = from; at < end; at += STRETCH) {
        const stop = Math.min(at + STRETCH, end);
        if (isZero(bytes, at, stop + WINDOW_BYTES - 1)) continue;
        for (let hit = nextWanted(searched, at, stop, wanted); hit < stop; ) {
          if (looksRandom(bytes, hit, FEWEST_FOR_KNOWN)) {
            const known = bySum.get(windowSum(bytes, hit)) as Fingerprint[];
            reportKnown(bytes, hit, from, known, report);
          }
          hit = nextWanted(searched, hit + 1, stop, wanted);
        }
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
  const window = bytes.subarray(windowAt, windowAt + WINDOW_BYTES);
  // The two orders of a secret stand one after the other, and are told apart by one hash.
  let hashedFor = '';
  let hashed: Uint8Array = window;
  for (const { kid, kind, length, at, hash: wanted, what } of known) {
    const start = windowAt - at;
    if (start < from || start + length > bytes.length) continue;
    if (kid !== hashedFor) hashed = hashWindow(kid, window);
    hashedFor = kid;
    if (equalBytes(hashed, wanted)) report(start, length, kind, what, kid);
  }
}

function hashWindow(kid: string, window: Uint8Array): Uint8Array {
  return hash('sha256', Buffer.concat([HASH_LABEL, Buffer.from(kid), window]), 'buffer').subarray(
    0,
    HASH_BYTES,
  );
}

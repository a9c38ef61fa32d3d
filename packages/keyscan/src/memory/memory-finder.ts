// Finds our live keys in raw memory by the fingerprints that their signer exports: a sum over every
// 32 bytes, and for the few that have a wanted sum a hash (C-11).

import { hash } from 'node:crypto';
import type { Finder, Report } from '../find.ts';
import { FEWEST_FOR_KNOWN, isZero, looksRandom, STRETCH } from './looks-random.ts';
import { type Fingerprint, HASH_CHARACTERS, KID_CHARACTERS } from './parse-fingerprints.ts';
import { nextWanted, SUM_COUNT, searchedBytes, WINDOW_BYTES, windowSum } from './window-sum.ts';

const HASH_LABEL = 'countersign/scanner-fingerprint/v1\n';
const WINDOW_IN_INPUT = HASH_LABEL.length + KID_CHARACTERS;
const hashInput = Buffer.alloc(WINDOW_IN_INPUT + WINDOW_BYTES, HASH_LABEL);

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
  // The two orders of a secret stand one after the other, and are told apart by one hash.
  let hashedFor = '';
  let hashed = '';
  for (const { kid, kind, length, at, hash: wanted, what } of known) {
    const start = windowAt - at;
    if (start < from || start + length > bytes.length) continue;
    if (kid !== hashedFor) hashed = hashWindow(kid, bytes, windowAt);
    hashedFor = kid;
    if (sameHash(hashed, wanted)) report(start, length, kind, what, kid);
  }
}

/** Into a buffer that is there, and out as text: a buffer made for each costs five times the hash. */
function hashWindow(kid: string, bytes: Uint8Array, windowAt: number): string {
  hashInput.write(kid, HASH_LABEL.length, 'latin1');
  for (let index = 0; index < WINDOW_BYTES; index += 1) {
    hashInput[WINDOW_IN_INPUT + index] = bytes[windowAt + index] as number;
  }
  return hash('sha256', hashInput, 'base64url');
}

/** By character, for nearly always the first one differs. */
function sameHash(whole: string, wanted: string): boolean {
  for (let index = 0; index < HASH_CHARACTERS; index += 1) {
    if (whole.charCodeAt(index) !== wanted.charCodeAt(index)) return false;
  }
  return true;
}

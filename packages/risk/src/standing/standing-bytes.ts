// The bytes of a standing: version, level, when it was cleared, then each piece of evidence.

import { RiskError } from '../risk-error.ts';
import { NumbersIn } from '../score/numbers-in.ts';
import { NumbersOut } from '../score/numbers-out.ts';
import { MAX_EVIDENCE } from './evidence.ts';
import type { Standing } from './standing.ts';

const VERSION = 1;
const LEVELS = ['low', 'medium', 'high'] as const;
/** The last time a Date can hold. */
const LAST_MS = 8.64e15;

export function encodeStanding(standing: Standing): Uint8Array {
  const out = new NumbersOut().u8(VERSION).u8(LEVELS.indexOf(standing.heldLevel));
  out.f64(standing.clearedMs).u8(standing.evidence.length);
  for (const piece of standing.evidence) {
    out.f64(piece.id).f64(piece.timeMs).f64(piece.score).u8(Number(piece.compromised));
  }
  return out.bytes();
}

/** @throws RiskError `bad_standing`. */
export function decodeStanding(bytes: Uint8Array, into: Standing): Standing {
  const numbers = new NumbersIn(
    bytes,
    (what) =>
      new RiskError('bad_standing', 'These are not the bytes of a standing.', { detail: what }),
  );
  numbers.version(VERSION);
  into.heldLevel = LEVELS[numbers.u8('level', LEVELS.length - 1)]!;
  into.clearedMs = numbers.f64('cleared', 0, LAST_MS);
  for (let left = numbers.u8('size', MAX_EVIDENCE); left > 0; left--) {
    into.evidence.push({
      id: numbers.whole('id'),
      timeMs: numbers.f64('time', -LAST_MS, LAST_MS),
      score: numbers.f64('score', 0, 100),
      compromised: numbers.u8('compromised', 1) === 1,
    });
  }
  numbers.end();
  return into;
}

// A frame and its attackers as the risk engine's training takes them.

import {
  ATTRIBUTE_INDEX,
  ATTRIBUTES,
  type TrainingAttacks,
  type TrainingRows,
} from '@countersign/risk';
import type { Attacks } from '../attackers/place-attacks.ts';
import { type Logins, TRAITS, type TraitColumns } from '../logins.ts';

const PLACES = TRAITS.map((trait) => ATTRIBUTE_INDEX[trait]);

/** Writes one login as the engine's values; what the frame does not have is not known. */
export function fillValues(traits: TraitColumns, at: number, values: Float64Array): void {
  for (let index = 0; index < TRAITS.length; index++)
    values[PLACES[index]!] = traits[TRAITS[index]!][at]!;
}

/** The rows before `end`. */
export function toTrainingRows(logins: Logins, end: number): TrainingRows {
  return {
    size: end,
    subject: logins.user,
    subjects: logins.users,
    timeMs: logins.timeMs,
    fill: (row, values) => fillValues(logins.traits, row, clear(values)),
  };
}

/** The attacks on rows before `end`. */
export function toTrainingAttacks(attacks: Attacks, end: number): TrainingAttacks {
  const size = attacks.row.findIndex((row) => row >= end);
  return {
    size: size < 0 ? attacks.size : size,
    row: attacks.row,
    kind: attacks.kind,
    fill: (attack, values) => fillValues(attacks.traits, attack, clear(values)),
  };
}

function clear(values: Float64Array): Float64Array {
  return values.fill(0, 0, ATTRIBUTES.length);
}

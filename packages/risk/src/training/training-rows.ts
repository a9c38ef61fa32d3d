// What a model is trained on: successful acts of many subjects in order of time, and acts of attackers
// in the place of some of them. Columns belong to whoever has them; rows are asked for by number.

/** Attackers are simulated: their acts are scored where they stand and never learnt. */
export const ATTACKS = ['naive', 'vpn', 'targeted'] as const;
export type AttackName = (typeof ATTACKS)[number];

export interface TrainingRows {
  size: number;
  /** By row: whose act it was, 0 … subjects − 1. */
  subject: Uint32Array;
  subjects: number;
  /** By row: milliseconds since the Unix epoch, never falling. */
  timeMs: Float64Array;
  /** Writes the values of a row, by index of ATTRIBUTES; 0 = not known. */
  fill(row: number, values: Float64Array): void;
}

export interface TrainingAttacks {
  size: number;
  /** The row whose act each one replaces, never falling. */
  row: Uint32Array;
  /** Index of ATTACKS. */
  kind: Uint8Array;
  fill(attack: number, values: Float64Array): void;
}

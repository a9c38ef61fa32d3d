// A model file: several named parts, and what is to be known about how they were made.

import type { Booster } from '../booster/booster.ts';
import type { HalfSpaceTrees } from '../forest/half-space-trees.ts';
import type { IsolationForest } from '../forest/isolation-forest.ts';
import type { Logistic } from '../logistic/logistic.ts';

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** What the learner does not look into: calibration, for example. */
export interface JsonPart {
  readonly kind: 'json';
  readonly value: JsonValue;
}

export type ModelPart = Booster | Logistic | IsolationForest | HalfSpaceTrees | JsonPart;

export interface Model {
  /** Name and version, of letters, digits and `._-`: at most 64. */
  readonly id: string;
  /** When it was made, as `new Date().toISOString()` spells it. */
  readonly made: string;
  readonly seed: number;
  /** What it was trained on and how well it did, for people to read. */
  readonly training: { readonly [key: string]: JsonValue };
  /** By name, of lower-case letters, digits and `-`. */
  readonly parts: Readonly<Record<string, ModelPart>>;
}

// A trained model in memory: two boosters over the relation features, what else the heads need, and the
// tails that legitimate acts had which neither was trained on.

import type { Booster, ModelPart } from '@countersign/learner';
import type { HeadName } from '../assess/assessment.ts';

/** Raw scores of held-out legitimate acts, by bucket of history (`DEPTH_BUCKETS`). */
export interface TrainingTails {
  /** Per bucket: raw scores, lowest first, dense towards the odd end. */
  raw: readonly Float64Array[];
  /** Beside each raw score: the share of legitimate acts at least this odd, in (0, 1]. */
  tail: readonly Float64Array[];
}

export interface TrainingSummary {
  /** 'generator', 'rba', 'own' or what the trainer was told. */
  data: string;
  rows: number;
  legitimate: number;
  attacks: Readonly<Record<string, number>>;
  heldOut: number;
}

export interface RiskModel {
  /** Name and version, of letters, digits and `._-`. */
  id: string;
  /** ISO date and time. */
  made: string;
  seed: number;
  features: readonly string[];
  relation: Booster;
  targeted: Booster;
  tails: Partial<Record<HeadName, TrainingTails>>;
  /** Everything in the file, by name: other heads find theirs here ('novelty', 'infrastructure', …). */
  parts: Readonly<Record<string, ModelPart>>;
  summary: TrainingSummary;
}

// What assesses: a model, settings, and the parts that each do one thing. Parts are functions that are
// handed in, so that every one of them can be left out, and the score says so.

import type { RiskLevel } from '@countersign/vocabulary';
import type { RiskInput } from '../input/risk-input.ts';
import type { RiskModel } from '../model/risk-model.ts';
import type {
  Assessment,
  Detection,
  HeadName,
  HeadResult,
  RawHead,
  Reason,
  ReasonGroup,
} from './assessment.ts';
import type { RealmMemory } from './realm-memory.ts';

export interface RiskSettings {
  /** Share of legitimate acts that may be at least medium. Default 0.01. */
  mediumShare: number;
  /** Share of legitimate acts that may be high. Default 0.001. */
  highShare: number;
  /** What each head gets of the budget; they add up to 1. */
  headShares: Readonly<Record<HeadName, number>>;
}

/** What the heads say before anything is calibrated. A head that cannot speak is absent. */
export type RawHeads = Partial<Record<HeadName, RawHead>>;

export interface Scored {
  score: number;
  level: RiskLevel;
  heads: Partial<Record<HeadName, HeadResult>>;
}

export interface Explained {
  reasons: Reason[];
  counterfactual?: string;
}

/** What an act may teach, and how much: decided in `learning`, obeyed in `learn`. */
export interface TeachingVerdict {
  /** Fold the values into the subject's profile: only an act that was low, or passed a step-up. */
  profile: boolean;
  /** Fold the values into the counts of the realm. */
  counts: boolean;
  /** Take the heads' raw scores as those of a legitimate act. */
  calibration: boolean;
  /** Count it as traffic; failures and attacks are traffic too. */
  infrastructure: boolean;
  /** How much it counts in the profile, in (0, 1]: less when a profile moves fast. */
  weight: number;
  /** Of a machine that was let in though something of it is new: that waits to become familiar. Default false. */
  waits?: boolean;
}

export interface EngineParts {
  /** Traffic around the act. */
  infrastructure?(
    input: RiskInput,
    memory: RealmMemory,
    model: RiskModel | undefined,
  ): RawHead | undefined;
  /** Oddness without history. */
  novelty?(
    input: RiskInput,
    memory: RealmMemory,
    model: RiskModel | undefined,
  ): RawHead | undefined;
  /** Deterministic detectors. */
  detect?(input: RiskInput, memory: RealmMemory): Detection[];
  /** Calibrates each head and fuses them with the detections. */
  score(raw: RawHeads, detections: readonly Detection[], act: ActFacts): Scored;
  explain?(
    input: RiskInput,
    scored: Scored,
    detections: readonly Detection[],
    act: ActFacts,
  ): Explained;
  /** Each folds one act into its own memory, in the order they stand. */
  learners?: readonly ((
    input: RiskInput,
    assessment: Assessment,
    memory: RealmMemory,
    verdict: TeachingVerdict,
  ) => void)[];
}

/** What is taken out of an act that is scored once more. */
export interface Without {
  /** What these groups added to any head counts as nothing. */
  groups?: ReadonlySet<ReasonGroup>;
  /** Codes of detections that count as if they had not fired. */
  detections?: ReadonlySet<string>;
}

/** What scoring and explaining may look at beside the heads. */
export interface ActFacts {
  input: RiskInput;
  memory: RealmMemory;
  model: RiskModel | undefined;
  settings: RiskSettings;
  /** How many acts the profile was taught, never decayed: the bucket of history. */
  depth: number;
  /** Scores what the act might have been: heads, detectors and fusion are asked anew. */
  rescore?: (input: RiskInput, without: Without) => Scored;
}

export interface RiskEngine {
  model?: RiskModel;
  /** Standing reasons why this engine is degraded: 'model_unreadable', … */
  degraded: readonly string[];
  settings: RiskSettings;
  parts: EngineParts;
}

/** Buckets of history in which the false-positive rate is held: 1, 2 to 4, 5 to 9, 10 and more; 0 has its own. */
export const DEPTH_BUCKETS = ['0', '1', '2-4', '5-9', '10+'] as const;

export function depthBucket(depth: number): number {
  if (!(depth >= 1)) return 0;
  if (depth < 2) return 1;
  if (depth < 5) return 2;
  return depth < 10 ? 3 : 4;
}

// What an assessment says. The score is 0 to 100, where 50 means that one legitimate act in a hundred
// looks this odd; every part of it can be traced to a head, a detection and a reason.

import type { RiskLevel, SaidReason } from '@countersign/vocabulary';
import type { Attribute } from '../input/attributes.ts';

/** What a reason is about: an attribute, or what is no single attribute. */
export type ReasonGroup = Attribute | 'time' | 'history' | 'traffic' | 'anonymity' | 'detection';

export type HeadName = 'relation' | 'targeted' | 'infrastructure' | 'novelty';
export const HEADS = ['relation', 'targeted', 'infrastructure', 'novelty'] as const;

export interface Contribution {
  group: ReasonGroup;
  /** In the unit of the head's raw score; the contributions and a bias add up to it. */
  amount: number;
}

/** A head before calibration. */
export interface RawHead {
  /** Higher is odder. Finite. */
  raw: number;
  contributions: Contribution[];
}

export interface HeadResult extends RawHead {
  /** Share of legitimate acts at least this odd, in (0, 1]. */
  tail: number;
}

/** Stable, closed in `detectors`. */
export type DetectorCode = string;

export interface Detection {
  code: DetectorCode;
  /** The riskEventType of Microsoft Entra with the same meaning, where one exists. */
  entra?: string;
  /** The share of legitimate acts that this detector is allowed to fire on, in (0, 1]. */
  tail: number;
  /** One plain sentence. */
  sentence: string;
  facts: Record<string, string | number | boolean>;
}

export interface Reason extends SaidReason {
  group: ReasonGroup;
  /** Its part of what raised the score, 0 to 1. */
  share: number;
}

export interface Assessment {
  /** 0 to 100. */
  score: number;
  level: RiskLevel;
  /** `learning`: no history yet, so only what is known of others speaks. `degraded`: something could not be asked. */
  state: 'scored' | 'learning' | 'degraded';
  /** Why it is degraded: 'model_unreadable', 'no_network_data', … Empty when it is not. */
  degraded: string[];
  heads: Partial<Record<HeadName, HeadResult>>;
  detections: Detection[];
  /** At most three, the weightiest first. */
  reasons: Reason[];
  /** "Below medium if the device were known." */
  counterfactual?: string;
  /** Id of the model, or 'none'. */
  model: string;
}

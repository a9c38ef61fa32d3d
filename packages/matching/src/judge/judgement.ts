// What became of one use: how it was joined, what speaks against it, what could not be compared.

import type { Issue } from '../issues/issue.ts';
import type { Gate } from '../issues/issuer-coverage.ts';

export const FINDING_CLASSES = [
  ...(['never_issued', 'after_revocation', 'other_person', 'other_client'] as const),
  ...(['other_network', 'outside_lifetime', 'reused_id'] as const),
];
export type FindingClass = (typeof FINDING_CLASSES)[number];
export type Confidence = 'high' | 'medium' | 'low';

export interface Verdict {
  class: FindingClass;
  confidence: Confidence;
  /** One sentence for a person: what was seen, and what else would explain it. */
  reason: string;
}

export type Unjoinable =
  | 'lasting_key'
  | 'no_linkable_id'
  | 'id_not_in_issuer_log'
  | 'no_issuer_log'
  | 'other_issuer';
export type Undecided = Gate | 'issued_without_id' | 'made_inside';
export type Comparison = 'person' | 'client' | 'network' | 'lifetime';

export interface Judgement {
  /**
   * `token` and `session`: joined on an id. `weak`: only by person, client and time, which proves
   * nothing. `unissued`: the issuer's log must hold it and does not. `undecided`: the issuer's log does
   * not reach. `unjoinable`: the record has nothing to join by.
   */
  outcome: 'token' | 'session' | 'weak' | 'unissued' | 'undecided' | 'unjoinable';
  why?: Undecided | Unjoinable;
  /** The id that it was joined on, or that nobody issued. */
  by?: string;
  issue?: Issue;
  verdicts: Verdict[];
  /** What one side does not tell, or nobody can know yet. */
  notCompared: Comparison[];
}

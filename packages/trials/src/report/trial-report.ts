// One evaluation as it is told: plain values only, the same for `--json`, for the page and for a file that is
// kept beside a model.

import type { RbaCounts } from '../dataset/read-rba.ts';
import type { Fingerprint } from '../generator/audit-fingerprint.ts';
import type { WorldStatistics } from '../generator/describe-world.ts';
import type { Evaluation } from '../protocol/evaluate.ts';
import type { Realised } from '../protocol/realised.ts';

export interface TrialReport {
  /** ISO date and time. */
  made: string;
  seed: number;
  data: {
    source: 'generator' | 'rba-dataset';
    statistics: WorldStatistics;
    /** Rows of the file, where there was one. */
    counted: RbaCounts | null;
    /** Whether attackers could be told by how they were put there, among the first million logins. */
    audit: { passed: boolean; worstAuc: number; worstRecallAtFpr1: number };
  };
  split: Evaluation['split'];
  models: Evaluation['models'];
  overFreeman: Evaluation['overFreeman'];
  variants: Evaluation['variants'];
  /** The product in a world of all four populations. */
  populations: Realised[] | null;
  scenarios: ScenarioResult[];
  model: { id: string; sha256: string; rows: number; legitimate: number };
  bootstrapDraws: number;
  tookMs: number;
  /** What none of these figures says. */
  limits: readonly string[];
}

/** A made-up attack of its own kind, reported apart. */
export interface ScenarioResult {
  name: string;
  what: string;
  expected: string;
  /** Runs in which an expected detection fired on the attack, and on an honest act that looks like it. */
  detected: { runs: number; of: number };
  falseAlarms: { runs: number; of: number };
}

export const AUDIT_LIMITS = { auc: 0.6, recallAtFpr1: 0.1 } as const;

export function judgeAudit(prints: readonly Fingerprint[]): TrialReport['data']['audit'] {
  const worstAuc = Math.max(0.5, ...prints.map(({ auc }) => auc));
  const worstRecallAtFpr1 = Math.max(0, ...prints.map(({ recallAtFpr1 }) => recallAtFpr1));
  const passed = worstAuc < AUDIT_LIMITS.auc && worstRecallAtFpr1 < AUDIT_LIMITS.recallAtFpr1;
  return { passed, worstAuc, worstRecallAtFpr1 };
}

export const LIMITS = [
  'Attackers and people come from one simulator whose knobs were fitted to published figures, so learned methods are shown at their best: an upper bound. Only the distance between the product and Freeman on the same logins says something.',
  'The published data set behind the knobs is itself synthesised. No figure here is of real people.',
  'Nothing here shows that an attack of a new kind is found. The three attackers resemble each other, so that one is still found that was left out of training; families that resemble nothing in it were found seldom in published trials.',
  'A targeted attacker in the right network, with the right agent, looks like the person who moved: most of them pass. What answers them is a key that is bound to the device.',
  'At one attack in ten thousand logins most of what is flagged at 1 % is legitimate: asking again must be cheap.',
  'Accounts without any history are not scored by history at all, and are left out of these figures.',
] as const;

/** The same of the published file, whose people are no simulator of ours: its attackers are. */
export const DATA_LIMITS: readonly string[] = [
  'The attackers are made up, by the same rules where they train and where they are looked for, so learned methods are shown at their best: an upper bound. Only the distance between the product and Freeman on the same logins says something.',
  'The published data set is itself synthesised. No figure here is of real people. Its takeovers are few, and come from networks that are rare in it only.',
  ...LIMITS.slice(2),
];

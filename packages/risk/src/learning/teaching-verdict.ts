// What an act may teach. Only what was low, or was proved by a factor the thief of a password has not,
// becomes part of what is familiar; everything is traffic. And however often somebody comes, a profile
// takes in so much a day and no more: familiarity cannot be bought in an afternoon.

import type { Assessment } from '../assess/assessment.ts';
import type { TeachingVerdict } from '../assess/risk-engine.ts';
import type { RiskInput } from '../input/risk-input.ts';
import type { PolicyAction } from '../policy/risk-policy.ts';
import type { Profile } from '../profile/profile.ts';

export interface TeachingFacts {
  input: Pick<RiskInput, 'kind' | 'subjectKind' | 'outcome' | 'timeMs'>;
  assessment: Pick<Assessment, 'level' | 'detections'>;
  /** What was done about it. */
  action: PolicyAction;
  /** What became of a step-up. Absent: none was asked for, or it is not over. */
  settled?: 'passed' | 'failed' | 'abandoned';
  /** The factor that passed was enrolled while the person was at risk: it may be the thief's. Default false. */
  factorInDoubt?: boolean;
  /** The person is held to be compromised: until that is over nothing of theirs teaches. Default false. */
  compromised?: boolean;
}

export const TEACHING_LIMITS = {
  /** A profile may take in this much of itself a day … */
  dailyShare: 0.05,
  /** … or this many acts, where that is more: somebody new has to become known. */
  dailyActs: 3,
} as const;

const NOTHING_BUT_TRAFFIC: TeachingVerdict = Object.freeze({
  ...{ profile: false, counts: false, calibration: false, infrastructure: true, weight: 1 },
});

export function teachingVerdict(
  facts: TeachingFacts,
  profile: Pick<Profile, 'depth' | 'lastMs' | 'weight'>,
): TeachingVerdict {
  const { input, assessment } = facts;
  if (input.outcome !== 'success' || facts.compromised === true) return NOTHING_BUT_TRAFFIC;
  if (facts.action === 'deny' || !standsForItself(input)) return NOTHING_BUT_TRAFFIC;
  const passed = facts.settled === 'passed' && facts.factorInDoubt !== true;
  const low = assessment.level === 'low' && assessment.detections.length === 0;
  const open = facts.action === 'step_up' && facts.settled === undefined;
  if (facts.settled === 'failed' || facts.settled === 'abandoned') return NOTHING_BUT_TRAFFIC;
  const familiar = (low && !open) || passed;
  return {
    profile: familiar,
    counts: familiar,
    // Legitimate acts that look odd belong in the reservoir: without them its tail would wear away, and
    // more and more would look odd. What a detection names, or is still to be proved, does not.
    calibration: !open && (passed || assessment.detections.length === 0),
    infrastructure: true,
    weight: familiar ? weightOf(input.timeMs, profile) : 1,
    ...(isWaiting(facts) ? { waits: true } : {}),
  };
}

/** A machine at medium is let in with short tokens; one at high is none that may wait. */
function isWaiting({ input, assessment, action }: TeachingFacts): boolean {
  return input.subjectKind !== 'person' && action === 'allow' && assessment.level === 'medium';
}

/** A session that goes on proves nothing new; for machines a token is their sign-in. */
function standsForItself({ kind, subjectKind }: TeachingFacts['input']): boolean {
  if (kind === 'sign_in' || kind === 'step_up') return true;
  return kind !== 'use' && subjectKind !== 'person';
}

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
/** Less would be no weight at all to a profile. */
const LEAST_WEIGHT = 1e-6;

/** The share of a day since the last act, of what a day may teach. A day never teaches more. */
function weightOf(timeMs: number, profile: Pick<Profile, 'depth' | 'lastMs' | 'weight'>): number {
  if (profile.depth === 0) return 1;
  // A profile remembers whole seconds: the part of one would be counted by each of the acts in it.
  const days = (Math.floor(timeMs / SECOND_MS) * SECOND_MS - profile.lastMs) / DAY_MS;
  const aDay = Math.max(
    TEACHING_LIMITS.dailyActs,
    TEACHING_LIMITS.dailyShare * profile.weight(timeMs),
  );
  return Math.min(1, Math.max(LEAST_WEIGHT, days * aDay));
}

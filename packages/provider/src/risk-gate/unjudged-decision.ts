// What is done when the gate does not answer. Nobody is let in as if nothing were: who has a second
// factor proves it, everybody else gets tokens that are short-lived and cannot be renewed for long. Nor
// is everybody locked out: whoever can make the gate slow could then close the house
// (docs/decisions/0037-context-and-the-gate.md).

import type { Attempt, RiskDecision } from '@countersign/vocabulary';

/** As odd as one legitimate act in a hundred: what is not known is not held to be good. */
const UNJUDGED_SCORE = 50;

export interface UnjudgedFacts {
  attempt: Attempt;
  /** The person can be asked for a passkey, and has not just proved one. */
  mayStepUp: boolean;
  accessTokenSeconds: number;
}

export function unjudgedDecision(facts: UnjudgedFacts): RiskDecision {
  const { attempt, mayStepUp, accessTokenSeconds } = facts;
  return {
    assessment: `unjudged-${attempt.id}`,
    action: mayStepUp ? 'step_up' : 'allow',
    // After a step-up too: nobody has looked at the rest of it.
    limit: { accessTokenSeconds, ...(mayStepUp ? {} : { withoutScopes: ['offline_access'] }) },
    score: UNJUDGED_SCORE,
    level: 'medium',
    reasons: [{ code: 'not_judged', sentence: 'The risk of this could not be judged in time.' }],
  };
}

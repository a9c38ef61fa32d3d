// Runs steps in order until one refuses. Whatever a step throws that is no refusal is a failure of
// this verifier or its parts, and that refuses too.

import { isVerificationError, VerificationError } from '../refusal.ts';
import type { Judgement, Step, VerifierRules } from './judgement.ts';

/** Returns a promise only from the first step that waits: most are synchronous on Node. */
export function runSteps(
  steps: readonly Step[],
  judgement: Judgement,
  rules: VerifierRules,
  from = 0,
): Promise<void> | undefined {
  for (let at = from; at < steps.length; at += 1) {
    const outcome = steps[at]?.run(judgement, rules);
    // Whatever is not plainly a result is waited for: a promise of another kind is one too.
    if (typeof outcome === 'object') {
      return Promise.resolve(outcome).then(() => runSteps(steps, judgement, rules, at + 1));
    }
  }
  return undefined;
}

export function asRefusal(error: unknown): VerificationError {
  if (isVerificationError(error)) return error;
  return new VerificationError(
    'verifier_misconfigured',
    'The verifier failed in a way it was not built for; nothing is accepted until it is mended.',
    { cause: error },
  );
}

// Every check of a token with its outcome, for people: the same steps as verification, run to the
// end instead of to the first refusal. Nothing is remembered, reported or used up by it.

import { type RefusalCode, VerificationError } from '../refusal.ts';
import { type Judgement, type Step, UnknownFact, type VerifierRules } from './judgement.ts';
import { asRefusal } from './run-steps.ts';
import { STEPS } from './steps.ts';

export interface CheckResult {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** What was established, what is wrong, or why the check did not apply. */
  readonly sentence: string;
  /** Only for failed checks. */
  readonly code?: RefusalCode;
}

export async function explainToken(
  judgement: Judgement,
  rules: VerifierRules,
): Promise<CheckResult[]> {
  // An explanation must not use up a proof or a one-time token.
  const harmless: VerifierRules = {
    ...rules,
    dpop: { ...rules.dpop, replay: { record: () => 'first' } },
    strictWaitMs: 0,
    replay: rules.replay && { record: () => 'first' },
  };
  const results: CheckResult[] = [];
  for (const step of STEPS) results.push(await explainStep(step, judgement, harmless));
  return results;
}

async function explainStep(
  { name, establishes, run }: Step,
  judgement: Judgement,
  rules: VerifierRules,
): Promise<CheckResult> {
  try {
    const skipped = await run(judgement, rules);
    if (skipped !== undefined) return { name, outcome: 'skipped', sentence: skipped };
    return { name, outcome: 'passed', sentence: establishes };
  } catch (error) {
    if (error instanceof UnknownFact) {
      const sentence = 'Not looked at, because a check it builds on failed.';
      return { name, outcome: 'skipped', sentence };
    }
    const refusal = error instanceof VerificationError ? error : asRefusal(error);
    return { name, outcome: 'failed', sentence: refusal.message, code: refusal.code };
  }
}

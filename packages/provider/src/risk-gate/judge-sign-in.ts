// The gate at a sign-in: asked once what was proved is right, told of everything that was not, and of
// what became of a step-up that it asked for.

import type { AttemptFailure, RiskDecision } from '@countersign/vocabulary';
import { sendErrorPage } from '../realm/render-failure.ts';
import { PHISHING_RESISTANT, type ProvedFactors } from '../sign-in/finish-sign-in.ts';
import type { Step } from '../sign-in/handle-interactions.ts';
import type { RefusalReason } from '../sign-in/record-refusal.ts';
import { describeAttempt } from './describe-attempt.ts';
import { judgeAttempt, noteAttempt } from './judge-attempt.ts';

const DENIED =
  'this sign-in could not be completed. If it was you, try again later or ask your organisation for help';

/** Whoever has just proved a passkey has stepped up already: then the answer is never `step_up`. */
export async function judgeSignIn(step: Step, proved: ProvedFactors): Promise<RiskDecision> {
  const { realm, ctx, clientId } = step;
  const { accountId, amr, acr, deviceKey } = proved;
  const attempt = describeAttempt(realm, ctx.req, {
    ...{ kind: 'sign_in', outcome: 'success', subject: accountId, clientId, methods: [...amr] },
    deviceKey,
  });
  const steppedUp = acr === PHISHING_RESISTANT;
  const decision = await judgeAttempt(realm, attempt, async () => {
    if (steppedUp) return false;
    return (await realm.directory.passkeys.countOf(realm.id, accountId)) > 0;
  });
  if (!steppedUp || decision.action !== 'step_up') return decision;
  await noteStepUp(step, proved, { assessment: decision.assessment, outcome: 'passed' });
  return { ...decision, action: 'allow' };
}

/** What became of a step-up; of one that the client asked for there is no assessment. */
export async function noteStepUp(
  { realm, ctx, clientId }: Step,
  proved: Pick<ProvedFactors, 'accountId' | 'amr' | 'deviceKey'>,
  settled: { assessment: string | undefined; outcome: 'passed' | 'failed' | 'abandoned' },
): Promise<void> {
  const { accountId, amr, deviceKey } = proved;
  const { assessment, outcome } = settled;
  const attempt = describeAttempt(realm, ctx.req, {
    ...{ kind: 'step_up', subject: accountId, clientId, methods: [...amr] },
    ...(outcome === 'passed'
      ? { outcome: 'success' }
      : {
          outcome: 'failure',
          failure: outcome === 'abandoned' ? 'factor_denied' : 'factor_failed',
        }),
    deviceKey,
  });
  await noteAttempt(realm, attempt, assessment === undefined ? undefined : { assessment, outcome });
}

const FAILURES: Readonly<Partial<Record<RefusalReason, AttemptFailure>>> = {
  wrong_password: 'wrong_password',
  too_many_attempts: 'too_many_attempts',
  passkey_refused: 'factor_failed',
  passkey_cloned: 'refused',
};

/** A sign-in that failed before anything was judged. @param subject absent: nobody's name. */
export async function noteRefusal(
  { realm, ctx, clientId }: Step,
  reason: RefusalReason,
  subject: string | undefined,
): Promise<void> {
  const failure = FAILURES[reason];
  if (failure === undefined) return;
  const unknown = failure === 'wrong_password' && subject === undefined;
  const attempt = describeAttempt(realm, ctx.req, {
    ...{ kind: 'sign_in', outcome: 'failure', clientId },
    failure: unknown ? 'unknown_account' : failure,
    ...(subject === undefined ? {} : { subject }),
  });
  await noteAttempt(realm, attempt);
}

/** One page for every reason: it helps who is turned away by mistake, and teaches nobody what was odd. */
export function showDenied({ realm, ctx }: Step, { assessment }: RiskDecision): void {
  sendErrorPage(realm, ctx, 403, 'access_denied', DENIED, assessment);
}

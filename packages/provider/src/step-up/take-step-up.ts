// The second factor of somebody whose first was right: asked for by the risk of the sign-in or by the
// client. It proves a passkey that exists and never enrols one. Whatever fails, the page says the same.

import { oauthError } from '../engine/oidc-provider.ts';
import { formTargets } from '../pages/form-targets.ts';
import { sendPage } from '../pages/page-frame.ts';
import { stepUpBody } from '../pages/step-up-page.ts';
import { askForPasskey } from '../passkeys/ask-for-passkey.ts';
import type { ChallengePurpose } from '../passkeys/challenge.ts';
import { passkeyFactors } from '../passkeys/passkey-factors.ts';
import { provePasskey } from '../passkeys/prove-passkey.ts';
import { scriptTags } from '../passkeys/serve-scripts.ts';
import { realmPage } from '../realm/realm-page.ts';
import { noteStepUp } from '../risk-gate/judge-sign-in.ts';
import type { JudgedSignIn } from '../risk-gate/keep-limit.ts';
import { acceptFactors } from '../sign-in/accept-factors.ts';
import { finishSignIn, type ProvedFactors } from '../sign-in/finish-sign-in.ts';
import { formToken } from '../sign-in/form-token.ts';
import { finishStep, type Step } from '../sign-in/handle-interactions.ts';
import { nameNetwork } from '../sign-in/name-network.ts';
import { recordRefusal } from '../sign-in/record-refusal.ts';
import { waitSentence } from '../sign-in/render-sign-in.ts';
import { UNMET } from './asks-for-passkey.ts';
import { keepPending, type PendingStepUp, pendingStepUp } from './pending-step-up.ts';

const FAILED = 'That did not work. Try again, or cancel.';

/** @param assessment id of the judgement that asks for it; absent when the client does. */
export async function beginStepUp(
  step: Step,
  proved: ProvedFactors,
  judged: JudgedSignIn,
  assessment?: string,
): Promise<void> {
  const { accountId, amr } = proved;
  const pending: PendingStepUp = {
    ...{ accountId, amr, judged, provedMs: step.realm.clock.nowMs() },
    ...(assessment === undefined ? {} : { assessment }),
  };
  await keepPending(step, pending);
  await showStepUp(step, pending);
}

export async function showStepUp(
  step: Step,
  pending: PendingStepUp,
  status = 200,
  problem?: string,
): Promise<void> {
  const { realm, interaction, path } = step;
  const { accountId } = pending;
  const passkeys = await realm.directory.passkeys.list(realm.id, accountId);
  const person = await realm.directory.people.find(realm.id, accountId);
  const usable = passkeys.some(({ stoppedMs }) => stoppedMs === undefined);
  const options = await askForPasskey(realm, purposeOf(step, pending), passkeys);
  if (options === undefined || !usable || person === undefined) return giveNone(step, pending);
  const token = formToken(realm.secrets.formKey, interaction.uid, interaction.prompt.name);
  const body = stepUpBody({
    form: {
      ...{ action: `${path}/step-up`, formToken: token, kind: 'get', options },
      scripts: scriptTags(realm.mountPath),
    },
    cancelAction: `${path}/cancel`,
    clientName: step.clientName,
    personName: person.name ?? person.username,
    personDetail: person.email ?? person.username,
    ...(problem === undefined ? {} : { problem }),
  });
  const targets = formTargets(interaction.params['redirect_uri']);
  sendPage(step.ctx, status, realmPage(realm, 'Confirm it’s you', body), targets, 'own');
}

export async function submitStepUp(step: Step, form: URLSearchParams): Promise<void> {
  const { realm, ctx } = step;
  const pending = pendingStepUp(step);
  if (pending === undefined) {
    throw oauthError(409, 'invalid_request', 'this step is over; go back to the application');
  }
  const { accountId } = pending;
  const verdict = realm.attempts.begin(nameNetwork(realm.addressOf(ctx.req)), {
    realm: realm.id,
    // Counted apart from passwords: who guesses those must not lock the person out of this.
    ...{ as: 'step-up', username: accountId },
  });
  if (!verdict.allowed) {
    if (verdict.firstRefusal) await recordRefusal(step, 'too_many_attempts', accountId);
    ctx.set('Retry-After', String(verdict.retryAfterSeconds));
    return showStepUp(step, pending, 429, waitSentence(verdict.retryAfterSeconds));
  }
  const proof = await provePasskey(realm, form.get('passkey'), purposeOf(step, pending));
  if (!proof.passed) {
    await recordRefusal(step, 'step_up_failed', accountId, proof.reason);
    await settleStepUp(step, pending, 'failed');
    return showStepUp(step, pending, 422, FAILED);
  }
  verdict.forgive();
  const factors = passkeyFactors(proof.passkey, pending.amr);
  if (pending.judged === undefined) {
    await acceptFactors(step, factors);
    return;
  }
  await noteStepUp(step, factors, { assessment: pending.assessment, outcome: 'passed' });
  await finishSignIn(step, factors, pending.judged);
}

/** The person does not go on; the caller ends the step. */
export async function giveUpStepUp(step: Step, pending: PendingStepUp): Promise<void> {
  await recordRefusal(step, 'step_up_failed', pending.accountId, 'given_up');
  await settleStepUp(step, pending, 'abandoned');
}

/** Nothing to ask for: the client hears that it cannot be (RFC 9470 §5), the person has nothing to do. */
async function giveNone(step: Step, pending: PendingStepUp): Promise<void> {
  const error = pending.assessment === undefined ? UNMET : 'access_denied';
  await recordRefusal(step, 'step_up_failed', pending.accountId, 'no_passkey');
  await settleStepUp(step, pending, 'failed');
  await finishStep(step, { error, error_description: 'this person has no passkey here' });
}

function settleStepUp(
  step: Step,
  pending: PendingStepUp,
  outcome: 'failed' | 'abandoned',
): Promise<void> {
  return noteStepUp(step, pending, { assessment: pending.assessment, outcome });
}

function purposeOf({ interaction }: Step, { accountId }: PendingStepUp): ChallengePurpose {
  return { ceremony: 'step-up', place: interaction.uid, personId: accountId };
}

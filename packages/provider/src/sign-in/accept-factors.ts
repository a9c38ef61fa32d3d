// What a person has proved so far is right; here it is decided whether that is enough. The one place
// between a right password or passkey and a session, whichever way it was reached.

import { judgeSignIn, showDenied } from '../risk-gate/judge-sign-in.ts';
import { asksForPasskey } from '../step-up/asks-for-passkey.ts';
import { dropPending } from '../step-up/pending-step-up.ts';
import { beginStepUp } from '../step-up/take-step-up.ts';
import { finishSignIn, PHISHING_RESISTANT, type ProvedFactors } from './finish-sign-in.ts';
import type { Step } from './handle-interactions.ts';
import { recordRefusal } from './record-refusal.ts';

/** @returns false when the sign-in was denied. */
export async function acceptFactors(step: Step, proved: ProvedFactors): Promise<boolean> {
  const decision = await judgeSignIn(step, proved);
  const { action, assessment, limit } = decision;
  const judged = { signIn: assessment, limit };
  if (action === 'deny') {
    await recordRefusal(step, 'risk', proved.accountId, assessment);
    await dropPending(step);
    showDenied(step, decision);
    return false;
  }
  const asked = asksForPasskey(step.interaction.params) && proved.acr !== PHISHING_RESISTANT;
  if (action === 'step_up') await beginStepUp(step, proved, judged, assessment);
  else if (asked) await beginStepUp(step, proved, judged);
  else await finishSignIn(step, proved, judged);
  return true;
}

// What a person has proved so far is right; here it is decided whether that is enough. The one place
// between a right password or passkey and a session, whichever way it was reached.

import { asksForPasskey } from '../step-up/asks-for-passkey.ts';
import { beginStepUp } from '../step-up/take-step-up.ts';
import { finishSignIn, PHISHING_RESISTANT, type ProvedFactors } from './finish-sign-in.ts';
import type { Step } from './handle-interactions.ts';

export async function acceptFactors(step: Step, proved: ProvedFactors): Promise<void> {
  const enough = proved.acr === PHISHING_RESISTANT || !asksForPasskey(step.interaction.params);
  await (enough ? finishSignIn(step, proved) : beginStepUp(step, proved));
}

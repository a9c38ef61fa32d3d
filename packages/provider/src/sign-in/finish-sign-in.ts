// What a person has proved, and the end of a sign-in with it.

import { toSeconds } from '@countersign/vocabulary';
import { RISK_LIMIT } from '../risk-gate/keep-limit.ts';
import type { TokenLimits } from '../risk-gate/risk-gate.ts';
import { finishStep, type Step } from './handle-interactions.ts';

/** Phishing-resistant, as OpenID's EAP ACR Values name it: a passkey that verified its person. */
export const PHISHING_RESISTANT = 'phr';

export interface ProvedFactors {
  accountId: string;
  /** RFC 8176: `pwd`, `hwk`, `swk`, `user`, `mfa`. */
  amr: readonly string[];
  acr?: typeof PHISHING_RESISTANT;
  /** Id of the passkey that was proved. */
  deviceKey?: string;
}

/** @param limit of the tokens of this sign-in, by its risk. */
export async function finishSignIn(
  step: Step,
  proved: ProvedFactors,
  limit?: TokenLimits,
): Promise<void> {
  const { realm } = step;
  await finishStep(step, {
    login: {
      accountId: proved.accountId,
      amr: [...proved.amr],
      ...(proved.acr === undefined ? {} : { acr: proved.acr }),
      remember: realm.policy.keepSession,
      ts: toSeconds(realm.clock.nowMs()),
    },
    ...(limit === undefined ? {} : { [RISK_LIMIT]: limit }),
  });
}

// What a person has proved, and the end of a sign-in with it.

import { toSeconds } from '@countersign/vocabulary';
import { type JudgedSignIn, keptOf } from '../risk-gate/keep-limit.ts';
import { markNetwork } from '../risk-gate/sign-in-network.ts';
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

/** @param judged what its tokens are limited to, and are held against later. */
export async function finishSignIn(
  step: Step,
  proved: ProvedFactors,
  judged: JudgedSignIn,
): Promise<void> {
  const { realm, ctx } = step;
  await finishStep(step, {
    login: {
      accountId: proved.accountId,
      amr: [...proved.amr],
      ...(proved.acr === undefined ? {} : { acr: proved.acr }),
      remember: realm.policy.keepSession,
      ts: toSeconds(realm.clock.nowMs()),
    },
    ...keptOf(judged),
    ...markNetwork(realm, ctx.req),
  });
}

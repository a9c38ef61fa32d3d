// Signing in with a passkey alone: the person is whom the authenticator names, and nothing is typed
// that another site could ask for. Attempts are counted per address, as there is no name to count by.

import { passkeyFactors } from '../passkeys/passkey-factors.ts';
import { provePasskey } from '../passkeys/prove-passkey.ts';
import { acceptFactors } from './accept-factors.ts';
import type { Step } from './handle-interactions.ts';
import { nameNetwork } from './name-network.ts';
import { recordRefusal } from './record-refusal.ts';
import { passkeyPurpose, renderSignIn, renderWait } from './render-sign-in.ts';

const REFUSED = 'That passkey did not work here. Try again, or use your password.';

export async function submitPasskey(step: Step, form: URLSearchParams): Promise<void> {
  const { realm, ctx } = step;
  const verdict = realm.attempts.begin(nameNetwork(realm.addressOf(ctx.req)));
  if (!verdict.allowed) {
    if (verdict.firstRefusal) await recordRefusal(step, 'too_many_attempts');
    return renderWait(step, verdict.retryAfterSeconds, '');
  }
  const proof = await provePasskey(realm, form.get('passkey'), passkeyPurpose(step));
  if (!proof.passed) {
    await recordRefusal(step, proof.reason, proof.personId);
    return renderSignIn(step, 422, { username: '', problem: REFUSED });
  }
  if (await acceptFactors(step, passkeyFactors(proof.passkey))) verdict.forgive();
}

// Who shows the token: a key-bound one needs a proof of its key (RFC 9449), a one-time one must not
// have been shown before.

import { checkSenderBinding } from '../dpop/check-sender-binding.ts';
import { VerificationError } from '../refusal.ts';
import { type Judgement, known, type Outcome, type VerifierRules } from './judgement.ts';

export function checkSender(
  judgement: Judgement,
  rules: VerifierRules,
): Outcome | Promise<Outcome> {
  const { http } = judgement.context;
  const claims = known(judgement.claims);
  if (!Object.hasOwn(claims, 'cnf') && http?.scheme !== 'DPoP') {
    return 'The token is not bound to a key.';
  }
  return checkSenderBinding({
    confirmation: claims.cnf,
    accessToken: judgement.token,
    http,
    nowMs: judgement.nowMs,
    rules: rules.dpop,
  }).then(() => undefined);
}

export function checkFirstUse(
  judgement: Judgement,
  rules: VerifierRules,
): Outcome | Promise<Outcome> {
  if (!judgement.context.once) return 'The caller lets the token be used again.';
  return recordUse(judgement, rules);
}

async function recordUse(judgement: Judgement, rules: VerifierRules): Promise<Outcome> {
  const { iss, jti, exp } = known(judgement.claims);
  if (rules.replay === undefined) {
    throw new VerificationError(
      'verifier_misconfigured',
      'One-time tokens need a memory of those already used: give the verifier a replay option.',
    );
  }
  const expiresAtMs = (exp + rules.toleranceSeconds) * 1000;
  const verdict = await rules.replay.record(`token\n${iss}\n${jti}`, expiresAtMs);
  if (verdict === 'first') return undefined;
  if (verdict === 'seen') {
    throw new VerificationError('token_replayed', 'The token may be used once, and was used.');
  }
  throw new VerificationError(
    'replay_store_full',
    'No more one-time tokens can be remembered now; try again shortly.',
  );
}

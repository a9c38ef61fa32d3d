// When the token may be used (RFC 7519 §4.1.4–6), and that it does not live longer than the policy
// allows: `exp` is the signer's word, and a thief's too.

import { VerificationError } from '../refusal.ts';
import { type Judgement, known, type Outcome, type VerifierRules } from './judgement.ts';

export function checkTimes(judgement: Judgement, rules: VerifierRules): Outcome {
  const { exp, iat, nbf } = known(judgement.claims);
  const nowSeconds = judgement.nowMs / 1000;
  const { toleranceSeconds } = rules;
  if (nowSeconds >= exp + toleranceSeconds) {
    throw new VerificationError('token_expired', 'The token has expired; get a new one.');
  }
  if (nbf !== undefined && nowSeconds + toleranceSeconds < nbf) {
    throw new VerificationError('token_not_yet_valid', 'The token is not valid yet (nbf).');
  }
  if (nowSeconds + toleranceSeconds < iat) {
    throw new VerificationError(
      'token_from_future',
      'The token was issued in the future (iat); compare the clocks.',
    );
  }
  return undefined;
}

export function checkLifetime(judgement: Judgement): Outcome {
  const { exp, iat } = known(judgement.claims);
  const longest = known(judgement.issuer).policy.maxLifetimeSeconds;
  if (exp - iat <= longest[judgement.context.type ?? 'access']) return undefined;
  throw new VerificationError(
    'lifetime_too_long',
    'The token lives longer than the policy allows for its issuer.',
  );
}

// Whether the token is meant for this request: audience, tenant, scope, nonce. All exact, none
// taken from the token itself.

import { VerificationError } from '../refusal.ts';
import { type Judgement, known, type Outcome } from './judgement.ts';

export function checkAudience(judgement: Judgement): Outcome {
  const { audience, type } = judgement.context;
  const { aud, azp } = known(judgement.claims);
  if (!(typeof aud === 'string' ? aud === audience : aud.includes(audience))) {
    throw new VerificationError('audience_mismatch', 'The token is meant for another audience.');
  }
  if (typeof aud !== 'string' && aud.length > 1) {
    throw new VerificationError(
      'audience_mismatch',
      'The token is meant for another audience too, which could use it here (RFC 9700 §2.3).',
    );
  }
  // OpenID Connect Core §3.1.3.7: an ID token says in azp which client it was issued to.
  if (type === 'id' && azp !== undefined && azp !== audience) {
    throw new VerificationError(
      'audience_mismatch',
      'The ID token was issued to another client (azp).',
    );
  }
  return undefined;
}

export function checkTenant(judgement: Judgement): Outcome {
  const pinned = known(judgement.issuer).policy.tenant;
  const asked = judgement.context.tenant;
  if (pinned === undefined && asked === undefined) {
    return 'Neither policy nor caller names a tenant.';
  }
  const { tenant } = known(judgement.claims);
  if (tenant === undefined) {
    throw new VerificationError('claim_missing', 'The token lacks the claim tenant.');
  }
  if ((pinned !== undefined && tenant !== pinned) || (asked !== undefined && tenant !== asked)) {
    throw new VerificationError('tenant_mismatch', 'The token is for another tenant.');
  }
  return undefined;
}

export function checkScope(judgement: Judgement): Outcome {
  const wanted = judgement.context.scope;
  if (wanted === undefined || wanted.length === 0) return 'The caller asks for no scope.';
  const granted = (known(judgement.claims).scope ?? '').split(' ');
  if (wanted.every((value) => granted.includes(value))) return undefined;
  throw new VerificationError(
    'scope_insufficient',
    'The token does not grant the scope this request needs.',
    { scope: wanted, scheme: judgement.context.http?.scheme ?? 'Bearer' },
  );
}

export function checkNonce(judgement: Judgement): Outcome {
  const { nonce } = judgement.context;
  if (nonce === undefined) return 'The caller sent no nonce.';
  if (known(judgement.claims).nonce === nonce) return undefined;
  throw new VerificationError(
    'nonce_mismatch',
    'The ID token does not carry the nonce of this sign-in.',
  );
}

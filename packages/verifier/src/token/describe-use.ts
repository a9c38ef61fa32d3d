// One verdict as a use report. What an unsigned token says of itself is not reported as fact: before
// the signature is known to be good only the pinned issuer is named, and the kid that the token names,
// because a kid of the past is a trip-wire for the issuer (control C-13).

import { sha256 } from '#platform';
import { encodeHex } from '../bytes/hex.ts';
import { utf8 } from '../bytes/join-bytes.ts';
import type { TokenUse } from '../ports.ts';
import type { RefusalCode, VerificationError } from '../refusal.ts';
import type { Judgement } from './judgement.ts';

/** Codes that say so of a token whose receipt was good. */
const UNLOGGED_CODES: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'key_unlogged',
  'receipt_audit_failed',
  'receipt_untagged',
]);

export function describeAccepted(judgement: Judgement): TokenUse {
  const problem = judgement.receiptProblem;
  return {
    ...describe(judgement, 'accepted'),
    ...(problem === undefined ? {} : { code: problem }),
  };
}

export function describeRefused(judgement: Judgement, refusal: VerificationError): TokenUse {
  const use: TokenUse = { ...describe(judgement, 'refused'), code: refusal.code };
  // The token itself only where it proves that a signing key is in other hands: no log vouched for
  // it or its key, the log that seemed to does not hold it, or its tenant cannot find it there.
  const unlogged = judgement.receipt === undefined || UNLOGGED_CODES.has(refusal.code);
  if (refusal.alarm && judgement.signed && unlogged) {
    use.evidence = judgement.token;
  }
  return use;
}

function describe(judgement: Judgement, decision: 'accepted' | 'refused'): TokenUse {
  const { context, nowMs, tokenHash, issuer, key, header, receipt } = judgement;
  const use: TokenUse = { atMs: nowMs, decision, tokenHash };
  if (issuer !== undefined) use.issuer = issuer.policy.issuer;
  const kid = key?.kid ?? (issuer === undefined ? undefined : header?.kid);
  if (kid !== undefined) use.kid = kid;
  if (context.ip !== undefined) use.ip = context.ip;
  if (context.userAgent !== undefined) use.userAgent = context.userAgent;
  if (receipt !== undefined) {
    use.logIndex = receipt.index;
    use.logOrigin = receipt.origin;
    use.leafHash = encodeHex(receipt.leafHash);
  }
  if (judgement.signed) describeClaims(judgement.payload ?? {}, use);
  return use;
}

function describeClaims(payload: Readonly<Record<string, unknown>>, use: TokenUse): void {
  const { jti, sub, client_id: clientId, aud, cnf } = payload;
  const audience = [aud].flat().filter((entry) => typeof entry === 'string');
  if (audience.length > 0) use.audience = audience;
  if (typeof sub === 'string') use.subject = sub;
  if (typeof clientId === 'string') use.clientId = clientId;
  if (typeof jti === 'string') use.jtiHash = encodeHex(sha256(utf8(jti)));
  if (typeof cnf === 'object' && cnf !== null && 'jkt' in cnf && typeof cnf.jkt === 'string') {
    use.jkt = cnf.jkt;
  }
}

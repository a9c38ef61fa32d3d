// Where the policy asks for it: a pinned log must have seen the issuer publish this very key, with
// this end, so that whoever can write to a key set cannot slip a key of their own into it. Judged
// after the signature, because only a token that the key really signed is worth an alarm.

import { decodeBase64url } from '../bytes/base64.ts';
import { encodeHex } from '../bytes/hex.ts';
import type { AuditPair, InclusionVerdict, IssuerKey } from '../ports.ts';
import { verifyKeyReceipt } from '../receipt/verify-key-receipt.ts';
import type { ReceiptLog, ReceiptVerdict } from '../receipt/verify-receipt.ts';
import { VerificationError } from '../refusal.ts';
import type { KeyStanding } from './issuer-rules.ts';
import { type Judgement, known, type Outcome, type VerifierRules } from './judgement.ts';

export function checkKeyLogged(
  judgement: Judgement,
  rules: VerifierRules,
): Outcome | Promise<Outcome> {
  const { policy, logs, standings } = known(judgement.issuer);
  if ((policy.receipts.keys ?? 'off') === 'off') return 'The policy asks for no logged keys.';
  if (!judgement.signed) known<true>(undefined);
  const standing = standings.get(known(judgement.key));
  if (standing !== undefined) return conclude(judgement, rules, standing);
  if (!(logs instanceof Promise)) return judgeKey(judgement, rules, logs);
  return logs.then((opened) => judgeKey(judgement, rules, opened));
}

/** Hands a key to the deferred audit, once; false when that cannot take it. */
export function queueKeyAudit(judgement: Judgement, rules: VerifierRules): boolean {
  const standing = standingOfKey(judgement);
  if (rules.auditor === undefined || standing?.logged !== true || standing.queued) return true;
  standing.queued = rules.auditor.enqueue(auditPair(judgement, standing)) === true;
  return standing.queued;
}

/** For strict audiences: waits until the key's leaf was found, once; at once where none is required. */
export async function awaitKeyInclusion(
  judgement: Judgement,
  awaitInclusion: (pair: AuditPair) => Promise<InclusionVerdict>,
): Promise<InclusionVerdict> {
  const standing = standingOfKey(judgement);
  const required = known(judgement.issuer).policy.receipts.keys === 'required';
  if (!required || standing?.logged !== true || standing.included) return 'included';
  const verdict = await awaitInclusion(auditPair(judgement, standing));
  if (verdict === 'failed') return refuseAudited();
  if (verdict === 'included') standing.included = true;
  // Only what was looked for is in the audit's hands; what it had no room for is still to be queued.
  if (verdict !== 'unavailable') standing.queued = true;
  return verdict;
}

function standingOfKey(judgement: Judgement): KeyStanding | undefined {
  return known(judgement.issuer).standings.get(known(judgement.key));
}

function auditPair(
  judgement: Judgement,
  { origin, index, leafHash, auditName }: KeyStanding & { logged: true },
): AuditPair {
  const key = known(judgement.key);
  return {
    subject: 'key',
    logOrigin: origin,
    index,
    leafHash,
    tokenHash: auditName,
    issuer: known(judgement.issuer).policy.issuer,
    kid: key.kid,
    acceptedAtMs: judgement.nowMs,
    expiresAtSeconds: known(key.notAfterSeconds),
  };
}

function judgeKey(
  judgement: Judgement,
  rules: VerifierRules,
  logs: readonly ReceiptLog[],
): Outcome | Promise<Outcome> {
  const key = known(judgement.key);
  const { policy, standings } = known(judgement.issuer);
  const keep = (standing: KeyStanding): Outcome => {
    standings.set(key, standing);
    return conclude(judgement, rules, standing);
  };
  const verdict = verifyPublication(key, policy.issuer, logs, rules);
  if (typeof verdict === 'string') return keep({ logged: false, reason: verdict });
  if (!(verdict instanceof Promise)) return keep(standingOf(verdict));
  return verdict.then((found) => keep(standingOf(found)));
}

/** A sentence when there is nothing to verify. */
function verifyPublication(
  key: IssuerKey,
  issuer: string,
  logs: readonly ReceiptLog[],
  { subtrees, ed25519 }: VerifierRules,
): ReceiptVerdict | Promise<ReceiptVerdict> | string {
  const { kid, thumbprint, notAfterSeconds, receipt } = key;
  if (receipt === undefined) return 'The key set shows no receipt for the key of the token.';
  if (thumbprint === undefined) return "The key source does not identify the token's key.";
  const bytes = decodeBase64url(receipt);
  if (bytes === undefined) return "The receipt of the token's key is not base64url.";
  const facts = {
    issuer,
    kid,
    thumbprint: thumbprint,
    notAfterSeconds: known(notAfterSeconds),
  };
  return verifyKeyReceipt(bytes, facts, logs, { subtrees, ed25519 });
}

function standingOf(verdict: ReceiptVerdict): KeyStanding {
  if (!verdict.ok) {
    return { logged: false, reason: `No log vouches for the token's key. ${verdict.reason}` };
  }
  const { origin, index, issuedMs: publishedMs, leafHash } = verdict;
  return {
    logged: true,
    origin,
    index,
    leafHash,
    publishedMs,
    auditName: encodeHex(leafHash),
    queued: false,
    included: false,
  };
}

function conclude(judgement: Judgement, rules: VerifierRules, standing: KeyStanding): Outcome {
  if (!standing.logged) return refuse(judgement, standing.reason);
  const { keyMaxAgeSeconds } = known(judgement.issuer).policy;
  if (judgement.nowMs > standing.publishedMs + keyMaxAgeSeconds * 1000) {
    throw new VerificationError(
      'key_too_old',
      'The log saw the key of the token published longer ago than the policy allows.',
    );
  }
  if (rules.auditor?.blocked(standing.auditName, standing.origin) !== true) return undefined;
  return refuse(judgement, AUDIT_FAILED);
}

const AUDIT_FAILED = "The log does not hold what the receipt of the token's key promised.";

function refuseAudited(): never {
  throw new VerificationError('key_unlogged', AUDIT_FAILED, { alarm: true });
}

function refuse(judgement: Judgement, message: string): Outcome {
  if (known(judgement.issuer).policy.receipts.keys === 'report') {
    judgement.receiptProblem ??= 'key_unlogged';
    return `Only reported, because the policy does not enforce yet: ${message}`;
  }
  throw new VerificationError('key_unlogged', message, { alarm: true });
}

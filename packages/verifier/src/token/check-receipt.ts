// The countersignature: a pinned log must have seen this token before it was signed. Judged only
// after the issuer's signature, because a good signature without a good receipt is the alarm: the
// signing key is in other hands.

import { viewBase64url } from '#platform';
import type { CommittedToken } from '../receipt/commit-token.ts';
import { MAX_RECEIPT_BYTES } from '../receipt/encode-receipt.ts';
import { type ReceiptLog, type ReceiptVerdict, verifyReceipt } from '../receipt/verify-receipt.ts';
import { type RefusalCode, VerificationError } from '../refusal.ts';
import { type Judgement, known, type Outcome, type VerifierRules } from './judgement.ts';

/** Most that `iat` and the log's time may be apart. */
export const RECEIPT_SKEW_MS = 60_000;

const LONGEST_RECEIPT_TEXT = Math.ceil((MAX_RECEIPT_BYTES * 4) / 3);

export function checkReceipt(
  judgement: Judgement,
  rules: VerifierRules,
): Outcome | Promise<Outcome> {
  const { policy, logs } = known(judgement.issuer);
  if (!judgement.signed) known<true>(undefined);
  if (policy.receipts.mode === 'off') return 'The policy asks this issuer for no receipts.';
  if (known(judgement.header).itr === undefined) {
    if (predatesReceipts(judgement)) return 'The key signed this before its receipts began.';
    return refuseReceipt(
      judgement,
      'receipt_missing',
      'No log vouches for the token: it has no receipt.',
    );
  }
  if (!(logs instanceof Promise)) return judgeReceipt(judgement, rules, logs);
  return logs.then((opened) => judgeReceipt(judgement, rules, opened));
}

/** `iat` and the log's own time must agree, or an old receipt could be held in stock. */
export function checkReceiptTime(judgement: Judgement): Outcome {
  const { receipt } = judgement;
  const { iat } = known(judgement.claims);
  if (receipt === undefined) return 'There is no receipt to compare with.';
  if (Math.abs(iat * 1000 - receipt.issuedMs) <= RECEIPT_SKEW_MS) return undefined;
  throw new VerificationError(
    'receipt_time_skew',
    'The log saw the token more than a minute before or after its time of issue (iat).',
  );
}

function judgeReceipt(
  judgement: Judgement,
  rules: VerifierRules,
  logs: readonly ReceiptLog[],
): Outcome | Promise<Outcome> {
  const { itr } = known(judgement.header);
  const text = typeof itr === 'string' && itr.length <= LONGEST_RECEIPT_TEXT ? itr : '.';
  const bytes = viewBase64url(text);
  const { exp } = known(judgement.payload);
  if (bytes === undefined || typeof exp !== 'number') {
    return refuseReceipt(
      judgement,
      'receipt_malformed',
      'The receipt cannot be read for this token.',
    );
  }
  const token = { ...committedToken(judgement), expiresAtSeconds: exp };
  const { subtrees, ed25519 } = rules;
  const verdict = verifyReceipt(bytes, token, logs, { subtrees, ed25519 });
  if (verdict instanceof Promise) return verdict.then((found) => conclude(judgement, found));
  return conclude(judgement, verdict);
}

function conclude(judgement: Judgement, verdict: ReceiptVerdict): Outcome {
  if (!verdict.ok) return refuseReceipt(judgement, verdict.code, verdict.reason);
  const { origin, index, issuedMs, leafHash, tags } = verdict;
  judgement.receipt = { origin, index, issuedMs, leafHash };
  judgement.tags = tags;
  return undefined;
}

/** What the leaf binds of the token. */
export function committedToken(judgement: Judgement): CommittedToken {
  const { alg, kid, typ } = known(judgement.header);
  const { payloadSegment } = known(judgement.envelope);
  return { iss: known(judgement.issuer).policy.issuer, kid, alg, typ, payloadSegment };
}

export function predatesReceipts(judgement: Judgement): boolean {
  const start = known(judgement.issuer).startByKid.get(known(judgement.header).kid);
  const { iat } = known(judgement.payload);
  return start !== undefined && typeof iat === 'number' && iat < start;
}

/** An alarm, or in `report` mode a remark. */
export function refuseReceipt(judgement: Judgement, code: RefusalCode, message: string): Outcome {
  if (known(judgement.issuer).policy.receipts.mode === 'report') {
    judgement.receiptProblem = code;
    return `Only reported, because the policy does not enforce yet: ${message}`;
  }
  throw new VerificationError(code, message, { alarm: true });
}

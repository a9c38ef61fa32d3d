// What became known after the token was signed: the feed's quarantined keys and revoked tokens, the
// deferred audit's failures. Looked at again on every use, remembered signatures or not.

import { VerificationError } from '../refusal.ts';
import { type Judgement, known, type Outcome, type VerifierRules } from './judgement.ts';

/** Without a fresh feed a revocation could be withheld, so nothing is accepted. */
export function checkFeedFresh(
  judgement: Judgement,
  rules: VerifierRules,
): Outcome | Promise<Outcome> {
  const { feed } = rules;
  if (feed === undefined) return 'The policy names no feed.';
  if (feed.fresh(judgement.nowMs) === true) return undefined;
  if (feed.ready === undefined) return refuseStale();
  return feed.ready().then(() => {
    if (feed.fresh(judgement.nowMs) !== true) refuseStale();
    return undefined;
  });
}

export function checkQuarantine(judgement: Judgement, rules: VerifierRules): Outcome {
  const { feed } = rules;
  if (feed === undefined) return 'The policy names no feed.';
  if (feed.generation === judgement.clearedByFeed) return undefined;
  // Remembered from before the look, so that a feed that changes meanwhile is looked at again.
  judgement.feedGeneration = feed.generation;
  const { issuer } = known(judgement.issuer).policy;
  if (!feed.quarantined(issuer, known(judgement.header).kid)) return undefined;
  throw new VerificationError(
    'key_quarantined',
    'The key of the token is quarantined because it was misused; get a new token.',
  );
}

export function checkRevocation(judgement: Judgement, rules: VerifierRules): Outcome {
  const { feed } = rules;
  const { receipt } = judgement;
  if (feed === undefined) return 'The policy names no feed.';
  if (receipt === undefined) return 'Without a receipt the token has no place in the list.';
  if (feed.generation === judgement.clearedByFeed) return undefined;
  if (feed.revoked(receipt.index, receipt.origin)) {
    throw new VerificationError('token_revoked', 'The token was revoked; get a new one.');
  }
  judgement.clearedByFeed = judgement.feedGeneration;
  return undefined;
}

export function checkAudit(judgement: Judgement, rules: VerifierRules): Outcome {
  const { receipt, tokenHash } = judgement;
  if (rules.auditor === undefined) return 'This verifier runs without the deferred audit.';
  if (receipt === undefined) return 'Without a receipt there is nothing to audit.';
  if (!rules.auditor.blocked(tokenHash, receipt.origin)) return undefined;
  throw new VerificationError(
    'receipt_audit_failed',
    'The log does not hold what its receipt promised: the token is a forgery.',
    { alarm: true },
  );
}

function refuseStale(): never {
  throw new VerificationError(
    'feed_stale',
    'The newest feed is too old to tell which keys and tokens still count; try again shortly.',
  );
}

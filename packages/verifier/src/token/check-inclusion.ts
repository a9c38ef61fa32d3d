// Strict audiences take no promise of a log: the token's leaf must have been found in a checkpoint,
// one that the log's witnesses cosigned where the policy names witnesses. The wait is bounded, and
// what was found once is not waited for again.

import type { AuditPair, InclusionVerdict } from '../ports.ts';
import { VerificationError } from '../refusal.ts';
import { checkKeyTime } from './check-key.ts';
import { awaitKeyInclusion } from './check-key-log.ts';
import { checkFeedFresh, checkQuarantine } from './check-status.ts';
import { checkTimes } from './check-times.ts';
import { type Judgement, known, type Outcome, type VerifierRules } from './judgement.ts';

export function checkInclusion(
  judgement: Judgement,
  rules: VerifierRules,
): Outcome | Promise<Outcome> {
  const { strictAudiences } = known(judgement.issuer);
  if (!strictAudiences.has(judgement.context.audience)) {
    return 'This audience takes the promise of a log.';
  }
  if (judgement.included) return undefined;
  const pair = auditPair(judgement);
  if (pair === undefined) {
    throw new VerificationError(
      'receipt_missing',
      'This audience takes only tokens that are found in a log, and this one has no receipt.',
    );
  }
  if (rules.strictWaitMs === 0) {
    return 'This audience is strict: the token waits until a checkpoint that counts holds its leaf.';
  }
  if (rules.auditor?.awaitInclusion === undefined) {
    throw new VerificationError(
      'verifier_misconfigured',
      'A strict audience needs an auditor that can wait for the log.',
    );
  }
  const { auditor, strictWaitMs } = rules;
  const wait = async (waiting: AuditPair): Promise<InclusionVerdict> =>
    (await auditor.awaitInclusion?.(waiting, strictWaitMs)) ?? 'unavailable';
  return Promise.all([awaitKeyInclusion(judgement, wait), wait(pair)]).then((verdicts) => {
    verdicts.forEach(conclude);
    judgement.included = true;
    return lookAgain(judgement, rules);
  });
}

/** What time or the feed may have changed during the wait; revocation is looked up after this. */
async function lookAgain(judgement: Judgement, rules: VerifierRules): Promise<Outcome> {
  const later = { ...judgement, nowMs: rules.clock.nowMs() };
  checkKeyTime(later, rules);
  checkTimes(later, rules);
  await checkFeedFresh(later, rules);
  checkQuarantine(judgement, rules);
  return undefined;
}

/** The token's leaf as the audit looks it up; undefined without a receipt. */
export function auditPair(judgement: Judgement): AuditPair | undefined {
  const { receipt, tokenHash, nowMs } = judgement;
  if (receipt === undefined) return undefined;
  return {
    logOrigin: receipt.origin,
    index: receipt.index,
    leafHash: receipt.leafHash,
    tokenHash,
    issuer: known(judgement.issuer).policy.issuer,
    kid: known(judgement.key).kid,
    acceptedAtMs: nowMs,
    expiresAtSeconds: known(judgement.claims).exp,
    token: judgement.token,
  };
}

function conclude(verdict: InclusionVerdict): void {
  if (verdict === 'included') return;
  if (verdict === 'failed') {
    throw new VerificationError(
      'receipt_audit_failed',
      'The log does not hold what its receipt promised: the token is a forgery.',
      { alarm: true },
    );
  }
  if (verdict === 'unavailable') {
    throw new VerificationError(
      'audit_unavailable',
      'No more tokens can be looked up in the log now; try again shortly.',
    );
  }
  throw new VerificationError(
    'receipt_unwitnessed',
    'No checkpoint that counts holds the token yet, and this audience waits for one; try again shortly.',
  );
}

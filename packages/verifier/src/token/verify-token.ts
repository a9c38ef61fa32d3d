// One verdict: remembered signatures or all steps, then the audit, the memory and the report. The
// remembered path repeats every check whose answer time, the request or the world can change.

import { sha256Key } from '#platform';
import { encodeHexOfByteText } from '../bytes/hex.ts';
import type { IssuerKey, KeySource, UseReporter } from '../ports.ts';
import { VerificationError } from '../refusal.ts';
import { auditPair } from './check-inclusion.ts';
import { isPromise } from './check-key.ts';
import { queueKeyAudit } from './check-key-log.ts';
import { describeAccepted, describeRefused } from './describe-use.ts';
import { type Judgement, openJudgement, type Step, type VerifierRules } from './judgement.ts';
import { lookOnceMore } from './look-once-more.ts';
import { type AcceptedToken, judgeAgain, rememberAccepted } from './remember-accepted.ts';
import { asRefusal, runSteps } from './run-steps.ts';
import { STEPS, STEPS_AGAIN } from './steps.ts';
import type { TokenCache } from './token-cache.ts';
import type { TokenContext, VerifiedToken } from './token-context.ts';
import { examineRefused } from './trip-wire.ts';

export interface VerifierParts {
  readonly rules: VerifierRules;
  readonly cache: TokenCache<AcceptedToken>;
  readonly reporter: UseReporter | undefined;
}

/** A repeated use is reported again after this, or when it comes from elsewhere. */
export const REPORT_AGAIN_MS = 60_000;

/** A promise only where something has to be waited for. @throws VerificationError */
export function verifyToken(
  token: string,
  context: TokenContext,
  nowMs: number,
  parts: VerifierParts,
): VerifiedToken | Promise<VerifiedToken> {
  const cacheKey = sha256Key(token);
  const accepted = parts.cache.get(cacheKey);
  if (accepted === undefined) return verifyAnew(token, cacheKey, context, nowMs, parts);
  const conclude = (key: IssuerKey | undefined) => {
    // The very same key object: anything else means that it changed, and so might the verdict.
    if (key === accepted.key) return verifyAgain(accepted, token, context, nowMs, parts);
    parts.cache.delete(cacheKey);
    return verifyAnew(token, cacheKey, context, nowMs, parts);
  };
  const found = askForKey(accepted, parts.rules);
  return isPromise(found) ? found.then(conclude) : conclude(found);
}

function verifyAnew(
  token: string,
  cacheKey: string,
  context: TokenContext,
  nowMs: number,
  parts: VerifierParts,
): VerifiedToken | Promise<VerifiedToken> {
  const judgement = openJudgement(token, encodeHexOfByteText(cacheKey), context, nowMs);
  return judge(STEPS, judgement, parts, () => {
    queueAudit(judgement, parts.rules);
    parts.reporter?.report(describeAccepted(judgement));
    const accepted = rememberAccepted(judgement);
    parts.cache.set(cacheKey, accepted);
    return { ...accepted.verified, cached: false };
  });
}

function verifyAgain(
  accepted: AcceptedToken,
  token: string,
  context: TokenContext,
  nowMs: number,
  parts: VerifierParts,
): VerifiedToken | Promise<VerifiedToken> {
  const judgement = judgeAgain(accepted, token, context, nowMs);
  return judge(STEPS_AGAIN, judgement, parts, () => {
    accepted.found.clearedByFeed = judgement.clearedByFeed;
    accepted.found.included = judgement.included;
    if (parts.reporter !== undefined) reportAgain(accepted, judgement, parts.reporter);
    return accepted.verified;
  });
}

/** Runs the steps, then concludes; whatever is thrown becomes a refusal and is reported. */
function judge(
  steps: readonly Step[],
  judgement: Judgement,
  parts: VerifierParts,
  conclude: () => VerifiedToken,
): VerifiedToken | Promise<VerifiedToken> {
  const refuse = (error: unknown) => refuseAndReport(judgement, error, parts);
  try {
    const pending = runSteps(steps, judgement, parts.rules);
    if (pending === undefined) return conclude();
    const looked = pending.then(() => lookOnceMore(judgement, parts.rules));
    return looked.then(conclude).catch(refuse);
  } catch (error) {
    return refuse(error);
  }
}

function askForKey(accepted: AcceptedToken, rules: VerifierRules): ReturnType<KeySource['key']> {
  try {
    const found = rules.keys.key(accepted.issuer, accepted.key.kid);
    if (!isPromise(found)) return found;
    return Promise.resolve(found).catch((error: unknown) => Promise.reject(asRefusal(error)));
  } catch (error) {
    throw asRefusal(error);
  }
}

function reportAgain(accepted: AcceptedToken, judgement: Judgement, reporter: UseReporter): void {
  const { ip, userAgent } = judgement.context;
  const sinceMs = judgement.nowMs - accepted.reportedMs;
  const elsewhere = ip !== accepted.reportedIp || userAgent !== accepted.reportedUserAgent;
  if (!elsewhere && sinceMs >= 0 && sinceMs < REPORT_AGAIN_MS) return;
  accepted.reportedMs = judgement.nowMs;
  accepted.reportedIp = ip;
  accepted.reportedUserAgent = userAgent;
  reporter.report(describeAccepted(judgement));
}

/** A receipt is a promise; the auditor calls it in. What it cannot take is not accepted. */
function queueAudit(judgement: Judgement, rules: VerifierRules): void {
  if (!queueKeyAudit(judgement, rules)) refuseUnaudited();
  // A strict audience has its answer already.
  const pair = judgement.included ? undefined : auditPair(judgement);
  if (rules.auditor === undefined || pair === undefined) return;
  if (rules.auditor.enqueue(pair) !== true) refuseUnaudited();
}

function refuseUnaudited(): never {
  throw new VerificationError(
    'audit_unavailable',
    'No more tokens can be audited against the log now; try again shortly.',
  );
}

/** Never returns a token: it throws, or a promise of it does where the refusal is looked into. */
function refuseAndReport(
  judgement: Judgement,
  error: unknown,
  parts: VerifierParts,
): Promise<never> {
  const tell = (refusal: VerificationError): never => {
    // A verifier that cannot judge has nothing to say about the token.
    if (refusal.status !== 503) parts.reporter?.report(describeRefused(judgement, refusal));
    throw refusal;
  };
  const examined = examineRefused(judgement, asRefusal(error), parts.rules);
  return isPromise(examined) ? examined.then(tell) : tell(examined);
}

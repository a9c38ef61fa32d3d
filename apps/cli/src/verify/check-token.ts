// Puts the token to the verifier: every check explained, then the log itself asked whether it holds
// the leaf that the receipt promises. A resource asks the log some seconds later; here we wait.

import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CheckResult,
  createDeferredAuditor,
  createVerifier,
  isVerificationError,
  type RunningAuditor,
  type VerifierPolicy,
} from '@countersign/verifier';
import type { Question } from './ask-context.ts';
import type { TokenClaim } from './read-token.ts';

export interface Verdict {
  ok: boolean;
  checks: CheckResult[];
  /** Of the first refusal. */
  code: string | undefined;
  message: string | undefined;
  receipt: { index: number; issuedMs: number; origin: string } | undefined;
}

const KEY_CHECK = 'key log';
const LOG_WITHIN_MS = 12_000;
const LOOK_EVERY_MS = 500;
const clock = { nowMs: () => Date.now() };

export async function checkToken(
  { token, tokenHash }: TokenClaim,
  policy: VerifierPolicy,
  { context, assumed }: Question,
  say: (doing: string) => void,
): Promise<Verdict> {
  const logs = policy.issuers.flatMap(({ receipts }) =>
    receipts.mode === 'off' && (receipts.keys ?? 'off') === 'off' ? [] : receipts.logs,
  );
  const auditor = createDeferredAuditor({ logs, clock, pollMs: LOOK_EVERY_MS });
  // What was decided here is told to nobody: a person looking at a token is not a use of it.
  const verifier = createVerifier(policy, { auditor });
  try {
    const explained = await verifier.explain(token, context);
    const checks = explained.map((check) => withoutAssumption(check, assumed));
    const refused = checks.find(({ outcome }) => outcome === 'failed');
    if (refused !== undefined) return verdictOf(checks, refused, undefined);
    const { receipt } = await verifier.verifyToken(token, context);
    if (receipt === undefined) return verdictOf(checks, undefined, undefined);
    say('asking the log for the leaf');
    const proof = await proveLeaf(auditor, tokenHash, receipt);
    // The log was asked for the key's leaf as well: what it said is in the same check, asked again.
    const later = (await verifier.explain(token, context)).find(({ name }) => name === KEY_CHECK);
    const all = [
      ...checks.map((check) => (check.name === KEY_CHECK ? (later ?? check) : check)),
      proof,
    ];
    return verdictOf(
      all,
      all.find(({ outcome }) => outcome === 'failed'),
      receipt,
    );
  } catch (error) {
    if (!isVerificationError(error)) throw error;
    const refused: CheckResult = {
      name: 'verdict',
      outcome: 'failed',
      sentence: error.message,
      code: error.code,
    };
    return verdictOf([refused], refused, undefined);
  } finally {
    await verifier.close();
    await auditor.close();
  }
}

/** What was taken from the token itself was not checked, and is not shown as if it had been. */
function withoutAssumption(check: CheckResult, assumed: Question['assumed']): CheckResult {
  const { name, outcome } = check;
  if (outcome !== 'passed' || !assumed.some((each) => each === name)) return check;
  const sentence = `Not checked: without --${name} the token’s own word was taken.`;
  return { name, outcome: 'skipped', sentence };
}

async function proveLeaf(
  auditor: RunningAuditor,
  tokenHash: string,
  { index, origin }: { index: number; origin: string },
): Promise<CheckResult> {
  const name = 'log';
  const deadlineMs = performance.now() + LOG_WITHIN_MS;
  for (;;) {
    await auditor.audit();
    if (auditor.blocked(tokenHash, origin)) {
      return {
        name,
        outcome: 'failed',
        code: 'receipt_audit_failed',
        sentence: `The log does not hold at place ${index} what the receipt promised: the token is a forgery.`,
      };
    }
    if (auditor.auditLagMs(clock.nowMs()) === 0) {
      return {
        name,
        outcome: 'passed',
        sentence: `The log holds the leaf at place ${index}, under a checkpoint it signed.`,
      };
    }
    if (performance.now() > deadlineMs) {
      return {
        name,
        outcome: 'skipped',
        sentence: 'The log did not answer, so it is not known whether it holds the leaf.',
      };
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function verdictOf(
  checks: CheckResult[],
  refused: CheckResult | undefined,
  receipt: Verdict['receipt'],
): Verdict {
  return {
    ok: refused === undefined,
    checks,
    code: refused?.code,
    message: refused?.sentence,
    receipt,
  };
}

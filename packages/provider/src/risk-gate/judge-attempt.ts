// Asks the gate, within a time. A gate that fails or takes too long is answered for and that is put on
// record; it is never waited for, and never taken for consent.

import type { Attempt, RiskDecision } from '@countersign/vocabulary';
import type { RealmContext } from '../realm/realm-context.ts';
import {
  allowEverything,
  type GateDecision,
  type SettledAttempt,
  type TokenLimits,
} from './risk-gate.ts';
import { unjudgedDecision } from './unjudged-decision.ts';

/** On record when it resolves. @param mayStepUp asked only when the gate did not answer. */
export function judgeAttempt(
  realm: RealmContext,
  attempt: Attempt,
  mayStepUp?: () => Promise<boolean>,
): Promise<RiskDecision> {
  const recorded = async () => {
    const decision = await realm.risk.judge(attempt);
    await decision.recorded;
    return decision;
  };
  return judgeBy(recorded, realm, attempt, mayStepUp);
}

/** Whoever asks waits for `recorded` before anything leaves the house. */
export function judgeAhead(realm: RealmContext, attempt: Attempt): Promise<GateDecision> {
  return judgeBy(() => realm.risk.judge(attempt), realm, attempt);
}

async function judgeBy(
  judge: () => Promise<GateDecision>,
  realm: RealmContext,
  attempt: Attempt,
  mayStepUp: () => Promise<boolean> = async () => false,
): Promise<GateDecision> {
  const { risk, limits } = realm;
  if (risk === allowEverything) return risk.judge(attempt);
  try {
    return await withinTime(judge, limits.longestJudgementMs);
  } catch (error) {
    realm.onFailure(error, 'risk gate');
    const decision = unjudgedDecision({
      attempt,
      mayStepUp: await mayStepUp(),
      accessTokenSeconds: limits.unjudgedTokenSeconds,
    });
    const slow = error instanceof LateAnswer;
    await recordUnjudged(realm, attempt, decision, slow ? 'gate_slow' : 'gate_failed');
    return decision;
  }
}

/** Never throws: what is only told must not fail what it is told about. */
export async function noteAttempt(
  { risk, limits, onFailure }: RealmContext,
  attempt: Attempt,
  settled?: SettledAttempt,
): Promise<void> {
  if (risk === allowEverything) return;
  try {
    await withinTime(() => risk.note(attempt, settled), limits.longestJudgementMs);
  } catch (error) {
    onFailure(error, 'risk gate');
  }
}

/** A gate that cannot say what limits a token leaves it as limited as one that was not judged. */
export function limitsNow(
  { id, risk, limits, onFailure }: RealmContext,
  subject: string,
  sessionId: string | undefined,
): TokenLimits | undefined {
  try {
    return risk.limitsNow(id, subject, sessionId);
  } catch (error) {
    onFailure(error, 'risk gate');
    return { accessTokenSeconds: limits.unjudgedTokenSeconds };
  }
}

async function recordUnjudged(
  realm: RealmContext,
  attempt: Attempt,
  decision: RiskDecision,
  why: 'gate_slow' | 'gate_failed',
): Promise<void> {
  const { assessment, action, score, level, reasons } = decision;
  const { kind, subject, clientId, sessionId } = attempt;
  await realm.audit.record([
    {
      name: 'risk.assessed',
      timeMs: attempt.timeMs,
      realm: realm.id,
      operation: kind,
      ...(subject === undefined ? {} : { subject }),
      ...(clientId === undefined ? {} : { clientId }),
      ...(sessionId === undefined ? {} : { sessionId }),
      risk: {
        ...{ assessment, action, score, level, reasons },
        ...{ state: 'degraded', degraded: [why], model: 'none' },
      },
      reason: why,
    },
  ]);
}

class LateAnswer extends Error {}

async function withinTime<T>(work: () => Promise<T>, mostMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new LateAnswer('no answer in time')), mostMs);
  const answer = work();
  // One that comes too late is heard by nobody, also when it is a failure.
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

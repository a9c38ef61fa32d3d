// What was made of an attempt, for the record and for whoever asks the API: the same words in both.
// Addresses and user agents stand in the event of the session; here is what a person may read of them.

import type { KeptAct } from '@countersign/memory';
import type { Assessment } from '@countersign/risk';
import type {
  Attempt,
  CountersignEvent,
  ExtraFacts,
  RiskDecision,
  RiskFacts,
} from '@countersign/vocabulary';

export function riskFactsOf(
  assessment: Assessment,
  id: string,
  action?: RiskDecision['action'],
): RiskFacts {
  const { score, level, state, degraded, model, detections, reasons, counterfactual } = assessment;
  const tails = Object.entries(assessment.heads).map(([head, { tail }]) => [head, round(tail)]);
  return {
    ...{ assessment: id, score: round(score), level, state, model },
    ...(action === undefined ? {} : { action }),
    ...(degraded.length === 0 ? {} : { degraded }),
    ...(tails.length === 0 ? {} : { tails: Object.fromEntries(tails) }),
    ...(detections.length === 0 ? {} : { detections: detections.map(({ code }) => code) }),
    reasons: reasons.map(({ code, sentence }) => ({ code, sentence })),
    ...(counterfactual === undefined ? {} : { counterfactual }),
  };
}

/** Who and whence, as `risk.assessed` and `risk.detected` say it. */
export function describeAttempt(
  attempt: Attempt,
  labels: Partial<Record<string, string>>,
): Omit<CountersignEvent, 'name'> {
  const { timeMs, realm, subject, clientId, sessionId, rootAuthId, tokenHash } = attempt;
  const extra: ExtraFacts = {};
  for (const [name, label] of Object.entries(labels)) if (label !== undefined) extra[name] = label;
  const token = rootAuthId === undefined && tokenHash === undefined ? undefined : attempt;
  return {
    ...{ timeMs, realm, operation: attempt.kind },
    ...(subject === undefined ? {} : { subject }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(token === undefined
      ? {}
      : {
          token: {
            kind: 'other',
            ...(rootAuthId === undefined ? {} : { rootAuthId }),
            ...(tokenHash === undefined ? {} : { tokenHash }),
          },
        }),
    extra: { ...extra, outcome: attempt.outcome },
  };
}

/** As the API shows it in lists. */
export function showAct(act: KeptAct) {
  const { assessment, input } = act;
  return {
    ...{ id: act.id, sequence: act.sequence, timeMs: act.timeMs, kind: input.kind },
    realm: act.realm,
    ...(act.subject === undefined ? {} : { subject: act.subject }),
    ...(act.client === undefined ? {} : { client: act.client }),
    subjectKind: input.subjectKind,
    ...{ score: assessment?.score ?? 0, level: assessment?.level ?? 'low' },
    ...{ state: assessment?.state ?? 'scored', action: act.action ?? 'allow' },
    reasons: assessment?.reasons ?? [],
    detections: assessment?.detections.map(({ code }) => code) ?? [],
    where: input.labels,
  };
}

/** As the API shows one alone: everything that was kept of how it was judged. */
export function explainAct(act: KeptAct, about: readonly KeptAct[]) {
  const { assessment, input } = act;
  return {
    ...showAct(act),
    methods: input.methods,
    flags: input.flags,
    missing: input.missing,
    ...(assessment === undefined
      ? {}
      : {
          model: assessment.model,
          degraded: assessment.degraded,
          heads: assessment.heads,
          detections: assessment.detections,
          counterfactual: assessment.counterfactual,
        }),
    ...(act.limit === undefined ? {} : { limit: act.limit }),
    history: about.map(({ kind, word, timeMs }) => ({ kind, word, timeMs })),
  };
}

const DIGITS = 1e6;

function round(number: number): number {
  return Math.round(number * DIGITS) / DIGITS;
}

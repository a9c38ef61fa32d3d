// The way of a judged attempt: seen, assessed, decided, on record with everything it was judged by, and
// only then answered. Judging the same attempt twice gives the first answer.

import type { Act } from '@countersign/memory';
import type { GateDecision } from '@countersign/provider';
import {
  type Assessment,
  decide,
  drawAudit,
  type PolicyOutcome,
  type Standing,
  teachingVerdict,
} from '@countersign/risk';
import {
  type Attempt,
  type CountersignEvent,
  isCodedError,
  parseRealmId,
  type RiskDecision,
} from '@countersign/vocabulary';
import { describeAttempt, riskFactsOf } from './describe-assessment.ts';
import { bearOn } from './fold-act.ts';
import { type Able, factsOf, whoIsAble } from './gather-facts.ts';
import { recordAlongside } from './record-alongside.ts';
import type { RiskHouse } from './risk-house.ts';
import { type SeenAttempt, seeAttempt } from './see-attempt.ts';

export interface Judged {
  act: Act;
  events: CountersignEvent[];
  seen: SeenAttempt;
}

export async function judgeAttempt(house: RiskHouse, attempt: Attempt): Promise<GateDecision> {
  // Whatever else runs at the same time, the assessment is of what is read after this.
  const able = await whoIsAble(house, attempt);
  const judged = weigh(house, await seeAttempt(house, attempt), able);
  const { act, events, seen } = judged;
  if (events.length === 0) return { ...decisionOf(act), recorded: recordQuiet(house, judged) };
  try {
    await house.memory.write([act], (tx) => recordAlongside(house.audit, events, tx));
  } catch (error) {
    const first = await findFirst(house, attempt, error);
    if (first === undefined) throw error;
    return first;
  }
  settleStanding(house, seen, events);
  return decisionOf(act);
}

/** On record while the token is made, in whatever commit is next: the token does not leave before. */
function recordQuiet(house: RiskHouse, { act, seen }: Judged): Promise<void> {
  const recorded = house.memory.write([act]).then(() => settleStanding(house, seen, []));
  // Who waits for it hears of it; when nobody does any more, it failed for nobody.
  recorded.catch(() => undefined);
  return recorded;
}

/**
 * A machine at low risk asks for tokens all day. Its score stands in the event of the token, and the act has
 * the rest: an event of its own would say the same again. What is odd in any way has one.
 */
function isQuiet(
  { kind, subjectKind }: Attempt,
  { level, state, detections }: Assessment,
  { action, limit, rules }: PolicyOutcome,
): boolean {
  return (
    kind === 'token' &&
    subjectKind === 'workload' &&
    level === 'low' &&
    state === 'scored' &&
    detections.length === 0 &&
    action === 'allow' &&
    limit === undefined &&
    rules.length === 0
  );
}

/** What each head said of a quiet act, without what it was made of. */
function withoutContributions(assessment: Assessment): Assessment {
  const heads = Object.entries(assessment.heads).map(
    ([name, { raw, tail }]) => [name, { raw, tail, contributions: [] }] as const,
  );
  return { ...assessment, heads: Object.fromEntries(heads) };
}

/** Assesses and decides; nothing is written yet, and nothing is waited for. */
export function weigh(house: RiskHouse, seen: SeenAttempt, able: Able): Judged {
  const { attempt, input, memory, aliases } = seen;
  const assessment = house.brain.assess(input, memory);
  const beside = house.brain.assessBeside(input, memory);
  const facts = { ...factsOf(house, attempt, able, assessment), ...drawAudit(input) };
  const { tenant } = parseRealmId(attempt.realm);
  const outcome = decide(house.policies.of(tenant).policy, assessment, facts);
  const { id, realm, subject, clientId, sessionId, rootAuthId, timeMs } = attempt;
  const session = sessionId ?? rootAuthId;
  const act: Act = {
    ...{ id, kind: 'judged', realm, timeMs, input, assessment, facts },
    ...(aliases.some((alias) => alias !== 0) ? { aliases } : {}),
    ...(subject === undefined ? {} : { subject }),
    ...(clientId === undefined ? {} : { client: clientId }),
    ...(session === undefined ? {} : { session }),
    ...{ action: outcome.action, ...limitOf(outcome) },
    verdict: teachingVerdict(
      {
        ...{ input, assessment },
        action: outcome.action,
        compromised: isCompromised(memory.standing),
      },
      memory.profile,
    ),
  };
  const quiet = beside === undefined && isQuiet(attempt, assessment, outcome);
  if (quiet) act.assessment = withoutContributions(assessment);
  const events = quiet ? [] : [...describeJudged(seen, assessment, outcome, beside)];
  if (subject !== undefined) {
    const changed = house.standings.foresee(memory.standing, {
      ...{ realm, subject, timeMs, subjectKind: attempt.subjectKind, reason: 'assessed' },
      // A use is reported once it was let through: whatever the policy says of it comes after.
      gotIn: outcome.action === 'allow' || attempt.kind === 'use',
      apply: (standing) => bearOn(standing, act),
    });
    if (changed !== undefined) events.push(changed);
  }
  return { act, events, seen };
}

export function isCompromised(standing: Standing | undefined): boolean {
  return standing?.evidence.some(({ compromised }) => compromised) === true;
}

/** The change is on record: what limits tokens follows, and whoever ends sign-ins is told. */
export function settleStanding(
  house: RiskHouse,
  { attempt, memory }: SeenAttempt,
  events: readonly CountersignEvent[],
): void {
  const { realm, subject, subjectKind } = attempt;
  if (subject === undefined) return;
  house.standings.look(realm, subject, memory.standing, subjectKind);
  if (events.some(({ name }) => name === 'risk.changed')) house.onChanged();
}

function* describeJudged(
  { attempt, input }: SeenAttempt,
  assessment: Assessment,
  { action, rules, softened, notify, audited }: PolicyOutcome,
  beside: Assessment | undefined,
): Generator<CountersignEvent> {
  const about = describeAttempt(attempt, input.labels);
  const risk = riskFactsOf(assessment, attempt.id, action);
  const { score, level } = risk;
  yield {
    name: 'risk.assessed',
    ...about,
    ...(level === 'low' ? {} : { severity: level }),
    risk,
    extra: {
      ...about.extra,
      ...(rules.length === 0 ? {} : { rules: rules.join('; ').slice(0, LONGEST_RULES) }),
      ...(softened === undefined ? {} : { softened }),
      ...(audited === undefined ? {} : { audited }),
      // For whoever tails the record, and for the sinks that events are handed on to.
      ...(notify ? { notify } : {}),
      ...(beside === undefined
        ? {}
        : {
            challenger: beside.model,
            challengerScore: beside.score,
            challengerLevel: beside.level,
          }),
    },
  };
  for (const { code, entra, sentence, facts } of assessment.detections) {
    yield {
      name: 'risk.detected',
      ...about,
      risk: { assessment: attempt.id, score, level },
      reason: code,
      message: sentence,
      extra: { ...about.extra, ...facts, ...(entra === undefined ? {} : { entra }) },
    };
  }
}

const LONGEST_RULES = 500;

function limitOf({ limit }: PolicyOutcome): Pick<Act, 'limit'> {
  if (limit === undefined) return {};
  const { accessTokenSeconds, withoutScopes } = limit;
  return {
    limit: {
      ...(accessTokenSeconds === undefined ? {} : { accessTokenSeconds }),
      ...(withoutScopes === undefined ? {} : { withoutScopes: [...withoutScopes] }),
    },
  };
}

function decisionOf({ id, assessment, action = 'deny', limit }: Act): RiskDecision {
  const { score = 100, level = 'high', reasons = [] } = assessment ?? {};
  return {
    ...{ assessment: id, action, score, level },
    reasons: reasons.map(({ code, sentence }) => ({ code, sentence })),
    ...(limit === undefined ? {} : { limit }),
  };
}

/** What was decided about it before, when that is why it could not be written. */
async function findFirst(
  { memory }: RiskHouse,
  { id, realm }: Attempt,
  error: unknown,
): Promise<RiskDecision | undefined> {
  if (!isCodedError(error) || error.code !== 'storage_conflict') return undefined;
  // Judged twice at once: the first may be in a commit that is not over, and nobody can read it yet.
  await memory.caughtUp();
  const first = await memory.acts.find(id);
  return first?.realm === realm ? decisionOf(first) : undefined;
}

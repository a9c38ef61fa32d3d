// How odd the traffic around an act is, and how its traffic is counted. Works at cold start: it needs no
// history of anybody.

import { Logistic } from '@countersign/learner';
import type { Contribution, RawHead } from '../assess/assessment.ts';
import type { RealmMemory } from '../assess/realm-memory.ts';
import type { TeachingVerdict } from '../assess/risk-engine.ts';
import type { RiskInput } from '../input/risk-input.ts';
import type { RiskModel } from '../model/risk-model.ts';
import { secondsOf } from '../profile/decay.ts';
import { hashText } from './distinct-count.ts';
import { InfrastructureCounters } from './infrastructure-counters.ts';
import { PRIOR_BIAS, PRIOR_WEIGHTS } from './prior-traffic.ts';
import { TRAFFIC_FEATURES, TRAFFIC_GROUPS, writeTrafficRow } from './traffic-features.ts';

/** Name of the part in a model file: a logistic line over TRAFFIC_FEATURES, no weight below 0. */
export const INFRASTRUCTURE_PART = 'infrastructure';

const row = new Float64Array(TRAFFIC_FEATURES.length);
const spread = new Float64Array(TRAFFIC_FEATURES.length + 1);
const NOTHING: Contribution[] = [];

/** Undefined when the memory holds no counters. */
export function infrastructureHead(
  input: RiskInput,
  memory: RealmMemory,
  model: RiskModel | undefined,
): RawHead | undefined {
  const counters = memory.infrastructure;
  if (!(counters instanceof InfrastructureCounters)) return undefined;
  writeTrafficRow(input, counters, row);
  const trained = model?.parts[INFRASTRUCTURE_PART];
  const raw =
    trained instanceof Logistic && isOurs(trained) ? trained.contribute(row, spread) : askPrior();
  return { raw, contributions: gather() };
}

/**
 * Counts an act, whatever became of it; what is usual only from acts that were taken as legitimate. Not
 * what machines got with the right credential: they come as often as they have work, the people behind the
 * same address must not look odd for it, and nobody may buy room for failures with tokens of his own.
 */
export function countTraffic(
  input: RiskInput,
  _assessment: unknown,
  memory: RealmMemory,
  verdict: Pick<TeachingVerdict, 'infrastructure' | 'calibration'>,
): void {
  const counters = memory.infrastructure;
  if (!verdict.infrastructure || !(counters instanceof InfrastructureCounters)) return;
  const failed = input.outcome === 'failure';
  if (input.subjectKind !== 'person' && !failed) return;
  counters.note(input.values, {
    second: secondsOf(input.timeMs),
    failed,
    unknown: failed && (input.failure === 'unknown_account' || input.subjectKey === undefined),
    user: input.subjectKey === undefined ? 0 : hashText(input.subjectKey) || 1,
    usual: verdict.calibration && !failed,
  });
}

function isOurs({ features }: Logistic): boolean {
  if (features.length !== TRAFFIC_FEATURES.length) return false;
  return TRAFFIC_FEATURES.every((name, index) => features[index] === name);
}

function askPrior(): number {
  let sum = PRIOR_BIAS;
  for (let index = 0; index < row.length; index++) {
    spread[index] = row[index]! * PRIOR_WEIGHTS[index]!;
    sum += spread[index]!;
  }
  return sum;
}

/** A trained line has contributions of usual acts, too: only what is there is told. */
function gather(): Contribution[] {
  let found = NOTHING;
  for (let index = 0; index < row.length; index++) {
    if (row[index] === 0 || spread[index] === 0) continue;
    if (found === NOTHING) found = [];
    const group = TRAFFIC_GROUPS[index]!;
    const there = found.find((each) => each.group === group);
    if (there) there.amount += spread[index]!;
    else found.push({ group, amount: spread[index]! });
  }
  return found;
}

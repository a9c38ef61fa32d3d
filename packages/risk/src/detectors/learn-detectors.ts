// Folds one act into what detectors keep. It depends on nothing but the act: after a crash the same acts
// leave the same memory. Counting is for every act that is traffic, what is familiar only from those that
// may teach: what a detector named must not make the next one of its kind look usual.

import type { Assessment } from '../assess/assessment.ts';
import type { TeachingVerdict } from '../assess/risk-engine.ts';
import { ATTRIBUTE_INDEX, type Attribute } from '../input/attributes.ts';
import type { RiskInput } from '../input/risk-input.ts';
import type { Profile } from '../profile/profile.ts';
import { adoptValues } from './adopt-values.ts';
import { countOne, renewRow } from './count-lately.ts';
import { DAY_MS, HOUR_MS, hidesPlace, subjectKeyOf } from './detector.ts';
import {
  AGENT,
  AGENT_COLUMNS,
  type DetectorMemory,
  FAILED_PLACES,
  NETWORK,
  NETWORK_COLUMNS,
  RESOURCE_PLACES,
  SUBJECT,
  TOKEN,
} from './detector-memory.ts';
import { addBit } from './distinct-bits.ts';
import { countHour } from './hourly-rate.ts';
import { credentialKey } from './look-at-machines.ts';
import { addToSet } from './number-table.ts';

/** What of an assessment tells how odd the act was. */
export type Judged = Pick<Assessment, 'level'> & Partial<Pick<Assessment, 'detections'>>;

export function learnDetectors(
  input: RiskInput,
  assessment: Judged | undefined,
  kept: DetectorMemory,
  verdict: Pick<TeachingVerdict, 'profile' | 'infrastructure' | 'waits'>,
  profile?: Profile,
): void {
  if (!Number.isFinite(input.timeMs)) return;
  const key = subjectKeyOf(input);
  const isOdd = assessment?.level !== 'low' || (assessment.detections?.length ?? 0) > 0;
  if (verdict.infrastructure) {
    noteNetworks(input, kept, key);
    noteAgent(input, kept, key);
    noteToken(input, kept, isOdd);
  }
  if (key === 0) return;
  const row = kept.subjects.touch(key);
  if (verdict.infrastructure) {
    noteCounts(row, input);
    if (assessment !== undefined && assessment.level !== 'low') noteRisky(row, input.timeMs);
  } else if (verdict.profile && row[SUBJECT.riskyMs] === input.timeMs) {
    // The one who was at risk proved to be the owner, or somebody says that it was.
    row[SUBJECT.riskyMs] = row[SUBJECT.riskyBeforeMs] ?? 0;
    row[SUBJECT.riskyBeforeMs] = 0;
  }
  if (input.outcome !== 'success') return;
  if (verdict.profile || !isOdd) notePresence(row, input);
  if (verdict.profile) noteHabits(row, input);
  else if (verdict.waits === true) adoptValues(row, input, numberOf(input, 'asn'), profile);
}

function numberOf(input: RiskInput, attribute: Attribute): number {
  const value = input.values[ATTRIBUTE_INDEX[attribute]];
  return Number.isSafeInteger(value) && (value ?? 0) > 0 ? (value ?? 0) : 0;
}

function add(row: Float64Array, column: number): void {
  row[column] = (row[column] ?? 0) + 1;
}

function noteNetworks(input: RiskInput, kept: DetectorMemory, subject: number): void {
  if (input.kind === 'use' || input.kind === 'refresh') return;
  for (const attribute of ['net', 'asn'] as const) {
    const network = numberOf(input, attribute);
    if (network === 0) continue;
    const row = kept.networks.touch(network);
    renewRow(row, NETWORK_COLUMNS, input.timeMs, HOUR_MS);
    if (input.outcome === 'success') {
      add(row, NETWORK.successes);
      if (subject !== 0) addBit(row, NETWORK.passed, subject);
      continue;
    }
    add(row, NETWORK.failures);
    if (subject === 0) add(row, NETWORK.unknown);
    else addBit(row, NETWORK.failed, subject);
  }
}

function noteAgent(input: RiskInput, kept: DetectorMemory, subject: number): void {
  const agent = numberOf(input, 'ua');
  if (agent === 0 || subject === 0 || input.kind === 'use' || input.kind === 'refresh') return;
  const row = kept.agents.touch(agent);
  renewRow(row, AGENT_COLUMNS, input.timeMs, DAY_MS);
  if (input.outcome === 'success') {
    addBit(row, AGENT.passed, subject);
    return;
  }
  addBit(row, AGENT.failed, subject);
  const country = numberOf(input, 'country');
  if (country !== 0) addBit(row, AGENT.countries, country);
}

/** What was odd does not become the place that a token is at: else its owner is named next. */
function noteToken(input: RiskInput, kept: DetectorMemory, isOdd: boolean): void {
  const { tokenKey, timeMs } = input;
  if (tokenKey === undefined || !Number.isSafeInteger(tokenKey) || input.outcome !== 'success')
    return;
  const isKnown = kept.tokens.find(tokenKey) !== undefined;
  const row = kept.tokens.touch(tokenKey);
  if ((isKnown && isOdd) || timeMs < (row[TOKEN.lastMs] ?? 0)) return;
  row[TOKEN.lastMs] = timeMs;
  for (const attribute of ['asn', 'country', 'ip', 'ua', 'dpopKey'] as const) {
    const value = numberOf(input, attribute);
    if (value !== 0) row[TOKEN[attribute]] = value;
  }
  row[TOKEN.hides] = hidesPlace(input) ? 1 : 0;
}

/** What a stranger can cause, who has no credential, counts as failures and as nothing else. */
function noteCounts(row: Float64Array, input: RiskInput): void {
  const { kind, outcome, failure, timeMs } = input;
  if (outcome === 'success') {
    if (kind !== 'use') countHour(row, timeMs);
    return;
  }
  if (countOne(row, SUBJECT.failures, timeMs, HOUR_MS)) {
    row.fill(0, SUBJECT.failedFrom, SUBJECT.failedFrom + FAILED_PLACES);
  }
  const net = numberOf(input, 'net');
  if (net !== 0) addToSet(row, SUBJECT.failedFrom, FAILED_PLACES, net);
  // Only who had the password right is asked for a factor in a step-up.
  const denied = failure === 'factor_denied' || failure === 'factor_failed';
  if (denied && kind === 'step_up') countOne(row, SUBJECT.denials, timeMs, HOUR_MS);
}

function noteRisky(row: Float64Array, timeMs: number): void {
  const before = row[SUBJECT.riskyMs] ?? 0;
  if (timeMs <= before) return;
  row[SUBJECT.riskyBeforeMs] = before;
  row[SUBJECT.riskyMs] = timeMs;
}

/** That somebody was there, and where. */
function notePresence(row: Float64Array, input: RiskInput): void {
  const { kind, session, timeMs } = input;
  row[SUBJECT.lastMs] = Math.max(row[SUBJECT.lastMs] ?? 0, timeMs);
  const country = numberOf(input, 'country');
  // A token may be used by the servers of an application: then nobody was there.
  if (kind === 'use' && session === undefined) return;
  if (country === 0 || hidesPlace(input) || timeMs < (row[SUBJECT.placeMs] ?? 0)) return;
  row[SUBJECT.country] = country;
  row[SUBJECT.placeMs] = timeMs;
}

function noteHabits(row: Float64Array, input: RiskInput): void {
  if (numberOf(input, 'asn') !== 0) row[SUBJECT.hosting] = input.flags.hosting ? 2 : 1;
  const credential = credentialKey(input.methods);
  if (credential !== 0) row[SUBJECT.credential] = credential;
  const { resourceKey } = input;
  if (resourceKey !== undefined && Number.isSafeInteger(resourceKey) && resourceKey > 0) {
    addToSet(row, SUBJECT.resources, RESOURCE_PLACES, resourceKey);
  }
}

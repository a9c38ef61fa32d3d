// Folds one act into what detectors keep. It depends on nothing but the act: after a crash the same acts
// leave the same memory. Counting is for every act, what is familiar only from those that may teach.

import type { Assessment } from '../assess/assessment.ts';
import type { TeachingVerdict } from '../assess/risk-engine.ts';
import { ATTRIBUTE_INDEX, type Attribute } from '../input/attributes.ts';
import type { RiskInput } from '../input/risk-input.ts';
import { DAY_MS, HOUR_MS, subjectKeyOf } from './detector.ts';
import {
  AGENT,
  AGENT_PLACES,
  type DetectorMemory,
  NETWORK,
  NETWORK_PLACES,
  RESOURCE_PLACES,
  SUBJECT,
  TOKEN,
} from './detector-memory.ts';
import { credentialKey } from './look-at-machines.ts';
import { addToSet } from './number-table.ts';

export function learnDetectors(
  input: RiskInput,
  assessment: Pick<Assessment, 'level'> | undefined,
  kept: DetectorMemory,
  verdict: Pick<TeachingVerdict, 'profile'>,
): void {
  if (!Number.isFinite(input.timeMs)) return;
  noteNetworks(input, kept);
  noteAgent(input, kept);
  noteToken(input, kept);
  const key = subjectKeyOf(input);
  if (key === 0) return;
  const row = kept.subjects.touch(key);
  noteCounts(row, input);
  if (assessment !== undefined && assessment.level !== 'low') row[SUBJECT.riskyMs] = input.timeMs;
  if (input.outcome === 'success') noteSuccess(row, input, verdict.profile);
  row[SUBJECT.lastMs] = Math.max(row[SUBJECT.lastMs] ?? 0, input.timeMs);
}

function numberOf(input: RiskInput, attribute: Attribute): number {
  const value = input.values[ATTRIBUTE_INDEX[attribute]];
  return Number.isSafeInteger(value) && (value ?? 0) > 0 ? (value ?? 0) : 0;
}

/** Starts anew when what was counted is older than the window. */
function renew(row: Float64Array, fromColumn: number, timeMs: number, windowMs: number): void {
  const from = row[fromColumn] ?? 0;
  if (from !== 0 && timeMs - from <= windowMs) return;
  row.fill(0);
  row[fromColumn] = timeMs;
}

function add(row: Float64Array, column: number): void {
  row[column] = (row[column] ?? 0) + 1;
}

function noteNetworks(input: RiskInput, kept: DetectorMemory): void {
  if (input.kind === 'use' || input.kind === 'refresh') return;
  for (const attribute of ['net', 'asn'] as const) {
    const network = numberOf(input, attribute);
    if (network === 0) continue;
    const row = kept.networks.touch(network);
    renew(row, NETWORK.fromMs, input.timeMs, HOUR_MS);
    add(row, NETWORK.attempts);
    if (input.outcome === 'success') continue;
    add(row, NETWORK.failures);
    const key = subjectKeyOf(input);
    if (key === 0) add(row, NETWORK.unknown);
    else addToSet(row, NETWORK.people, NETWORK_PLACES, key);
  }
}

function noteAgent(input: RiskInput, kept: DetectorMemory): void {
  const agent = numberOf(input, 'ua');
  if (agent === 0 || input.kind === 'use') return;
  const row = kept.agents.touch(agent);
  renew(row, AGENT.fromMs, input.timeMs, DAY_MS);
  const [key, country] = [subjectKeyOf(input), numberOf(input, 'country')];
  if (key !== 0) addToSet(row, AGENT.people, AGENT_PLACES.people, key);
  if (country !== 0) addToSet(row, AGENT.countries, AGENT_PLACES.countries, country);
}

function noteToken(input: RiskInput, kept: DetectorMemory): void {
  const { tokenKey } = input;
  if (tokenKey === undefined || !Number.isSafeInteger(tokenKey) || input.outcome !== 'success')
    return;
  const row = kept.tokens.touch(tokenKey);
  row[TOKEN.lastMs] = input.timeMs;
  for (const attribute of ['asn', 'country', 'ip', 'ua', 'dpopKey'] as const) {
    const value = numberOf(input, attribute);
    if (value !== 0) row[TOKEN[attribute]] = value;
  }
}

const MEAN_HOURS = 168;

function noteCounts(row: Float64Array, input: RiskInput): void {
  if (input.kind !== 'use') {
    const hour = Math.floor(input.timeMs / HOUR_MS);
    const before = row[SUBJECT.hour] ?? 0;
    if (before !== 0 && hour > before) {
      // The hour that ran counts, and the silent ones after it, as far as the mean reaches back.
      const hours = Math.min(hour - before, MEAN_HOURS);
      foldHour(row, row[SUBJECT.hourActs] ?? 0);
      for (let silent = 1; silent < hours; silent++) foldHour(row, 0);
    }
    if (hour > before) row[SUBJECT.hourActs] = 0;
    row[SUBJECT.hour] = Math.max(hour, before);
    add(row, SUBJECT.hourActs);
  }
  if (input.outcome === 'failure') count(row, SUBJECT.failures, SUBJECT.failuresFromMs, input);
  const denied = input.failure === 'factor_denied' || input.failure === 'factor_failed';
  if (denied) count(row, SUBJECT.denials, SUBJECT.denialsFromMs, input);
}

function foldHour(row: Float64Array, acts: number): void {
  const hours = Math.min((row[SUBJECT.hours] ?? 0) + 1, MEAN_HOURS);
  const mean = row[SUBJECT.hourlyMean] ?? 0;
  row[SUBJECT.hours] = hours;
  row[SUBJECT.hourlyMean] = mean + (acts - mean) / hours;
}

/** Within the hour; a later one starts anew. */
function count(row: Float64Array, column: number, fromColumn: number, { timeMs }: RiskInput): void {
  if (timeMs - (row[fromColumn] ?? 0) > HOUR_MS) {
    row[fromColumn] = timeMs;
    row[column] = 0;
  }
  add(row, column);
}

function noteSuccess(row: Float64Array, input: RiskInput, teaches: boolean): void {
  const { flags } = input;
  const country = numberOf(input, 'country');
  const elsewhere = flags.vpn || flags.tor || flags.relay || flags.hosting;
  // Where somebody is, is told also by an act that is odd: the next one from home is as far away.
  if (country !== 0 && !elsewhere) {
    row[SUBJECT.country] = country;
    row[SUBJECT.placeMs] = input.timeMs;
  }
  if (!teaches) return;
  if (numberOf(input, 'asn') !== 0) row[SUBJECT.hosting] = flags.hosting ? 2 : 1;
  const credential = credentialKey(input.methods);
  if (credential !== 0) row[SUBJECT.credential] = credential;
  const { resourceKey } = input;
  if (resourceKey !== undefined && Number.isSafeInteger(resourceKey) && resourceKey > 0) {
    addToSet(row, SUBJECT.resources, RESOURCE_PLACES, resourceKey);
  }
}

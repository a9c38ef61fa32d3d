// For tests: a few hundred made-up subjects with habits, by seed, and a small model trained on them in a
// second. What the figures of a real model are is for `trials` to say.

import { seededRandom } from '@countersign/vocabulary';
import { ATTRIBUTE_INDEX, ATTRIBUTES } from '../input/attributes.ts';
import type { RiskInput } from '../input/risk-input.ts';
import type { RiskModel } from '../model/risk-model.ts';
import { trainRiskModel } from '../training/train-risk-model.ts';
import type { TrainingRows } from '../training/training-rows.ts';

export const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

export interface SmallRealm extends TrainingRows {
  values: readonly Float64Array[];
}

/** Acts in order of time; each subject has a home and now and then shows something new. */
export function makeSmallRealm(seed: number, subjects = 300, acts = 4000): SmallRealm {
  const random = seededRandom(seed);
  const below = (limit: number) =>
    Math.floor((new DataView(random.bytes(4).buffer).getUint32(0) / 2 ** 32) * limit);
  const home = Array.from({ length: subjects }, () => drawValues(below));
  const values: Float64Array[] = [];
  const subject = new Uint32Array(acts);
  for (let row = 0; row < acts; row++) {
    subject[row] = below(subjects);
    const usual = home[subject[row]!]!;
    const shown = usual.slice();
    const other = drawValues(below, below(10) === 0 ? undefined : usual);
    if (below(3) === 0) copy(other, shown, 'ip', 'net', 'asn', 'country');
    if (below(3) === 0) copy(other, shown, 'ua', 'browser', 'os', 'device');
    if (below(2) === 0) home[subject[row]!] = shown;
    values.push(shown);
  }
  const timeMs = Float64Array.from(values, (_, row) => START + row * HOUR);
  const fill = (row: number, out: Float64Array) => out.set(values[row]!);
  return { size: acts, subject, subjects, timeMs, fill, values };
}

function drawValues(below: (limit: number) => number, near?: Float64Array): Float64Array {
  const values = new Float64Array(ATTRIBUTES.length);
  const set = (name: keyof typeof ATTRIBUTE_INDEX, value: number) => {
    values[ATTRIBUTE_INDEX[name]] = value;
  };
  const asn = near ? near[ATTRIBUTE_INDEX.asn]! : 100 + below(12);
  const ip = asn * 10_000 + below(400);
  set('ip', ip);
  set('net', 1 + Math.floor(ip / 8));
  set('asn', asn);
  set('country', 20_000 + (asn % 4));
  const os = 1 + below(4);
  const browser = os * 10 + below(3);
  set('os', os);
  set('device', 1 + (os % 2));
  set('browser', browser);
  set('ua', browser * 100 + below(40));
  return values;
}

function copy(
  from: Float64Array,
  to: Float64Array,
  ...names: (keyof typeof ATTRIBUTE_INDEX)[]
): void {
  for (const name of names) to[ATTRIBUTE_INDEX[name]] = from[ATTRIBUTE_INDEX[name]]!;
}

export function trainSmallModel(realm: TrainingRows, seed = 1): RiskModel {
  return trainRiskModel(realm, {
    seed,
    id: 'small-1',
    made: '2026-01-01T00:00:00.000Z',
    data: 'small realm',
    trees: 12,
  });
}

export function makeInput(values: Float64Array, timeMs: number): RiskInput {
  return {
    kind: 'sign_in',
    timeMs,
    population: 'workforce',
    subjectKind: 'person',
    outcome: 'success',
    methods: ['pwd'],
    values,
    labels: {},
    flags: { hosting: false, vpn: false, tor: false, relay: false, bot: false, implausible: false },
    missing: [],
    subjectKey: 'somebody',
  };
}

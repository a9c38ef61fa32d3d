// The columns of the novelty head: how rare each value is in the realm, whether the subject ever showed it,
// and whether its network is busier than usual. Nothing of a single address: who attacks changes those.

import type { ReasonGroup } from '../assess/assessment.ts';
import type { RealmMemory } from '../assess/realm-memory.ts';
import { InfrastructureCounters, SCOPES } from '../infrastructure/infrastructure-counters.ts';
import { type TrafficCount, USUAL, WINDOWS } from '../infrastructure/traffic-entry.ts';
import { ATTRIBUTE_INDEX, ATTRIBUTES, type Attribute } from '../input/attributes.ts';
import { secondsOf } from '../profile/decay.ts';
import { READ_STRIDE } from '../profile/profile.ts';

const LOOKED_AT = [
  ...(['asn', 'country', 'browser', 'os', 'device'] as const),
  ...(['language', 'app', 'ja4'] as const),
] satisfies readonly Attribute[];
const COLUMNS = LOOKED_AT.map((name) => ATTRIBUTE_INDEX[name]);

export const NOVELTY_FEATURES: readonly string[] = [
  ...LOOKED_AT.map((name) => `rare_${name}`),
  ...LOOKED_AT.map((name) => `new_${name}`),
  'asn_burst',
];
export const NOVELTY_GROUPS: readonly ReasonGroup[] = [...LOOKED_AT, ...LOOKED_AT, 'traffic'];

/** One act in 9 million. */
export const MOST_RARE = 16;
export const MOST_BURST = 8;

const read = new Float64Array(READ_STRIDE * ATTRIBUTES.length);
const day: TrafficCount = { attempts: 0, failures: 0, unknown: 0, users: 0 };
const usual: TrafficCount = { attempts: 0, failures: 0, unknown: 0, users: 0 };

/**
 * Writes the row into `out`. A value that is missing though the subject used to show it is not known (NaN);
 * one that nobody shows is neither rare nor new.
 *
 * @returns Whether anything is not known.
 */
export function writeNoveltyRow(
  values: Float64Array,
  timeMs: number,
  memory: RealmMemory,
  out: Float64Array,
): boolean {
  const { profile, counts, peers } = memory;
  profile.readInto(values, timeMs, read);
  let unknown = false;
  for (let at = 0; at < COLUMNS.length; at++) {
    const column = COLUMNS[at]!;
    const value = values[column]!;
    const known = read[READ_STRIDE * column + 1]!;
    out[COLUMNS.length + at] = 0.5;
    if (value === 0) {
      const expected = known > 0 || (profile.depth === 0 && isShown(memory, column));
      unknown ||= expected;
      out[at] = expected ? Number.NaN : 0;
      if (expected) out[COLUMNS.length + at] = Number.NaN;
      continue;
    }
    const share = counts.share(column, value, peers);
    out[at] = Math.min(Math.max(-Math.log(share), 0), MOST_RARE);
    if (known > 0) out[COLUMNS.length + at] = Number(read[READ_STRIDE * column]! === 0);
  }
  out[2 * COLUMNS.length] = asnBurst(values, timeMs, memory);
  return unknown;
}

/** The values with the subject's most usual one in each place that is empty. */
export function withFamiliar(
  values: Float64Array,
  timeMs: number,
  { profile }: RealmMemory,
): Float64Array {
  const familiar = values.slice();
  for (const name of LOOKED_AT) {
    const column = ATTRIBUTE_INDEX[name];
    if (familiar[column] === 0) familiar[column] = profile.values(name, timeMs)[0]?.value ?? 0;
  }
  return familiar;
}

/** Whether most acts of the realm show the attribute. */
function isShown({ counts }: RealmMemory, column: number): boolean {
  return counts.total > 0 && counts.tables[column]!.total > counts.total / 2;
}

function asnBurst(values: Float64Array, timeMs: number, { infrastructure }: RealmMemory): number {
  if (!(infrastructure instanceof InfrastructureCounters)) return 0;
  const entry = infrastructure.entry(SCOPES.indexOf('asn'), values);
  if (entry === undefined) return 0;
  const second = secondsOf(timeMs);
  entry.read(USUAL - 1, second, day, false);
  entry.read(USUAL, second, usual, false);
  const expected = 10 + (usual.attempts * WINDOWS[USUAL - 1]!) / WINDOWS[USUAL]!;
  return Math.min(Math.max(Math.log(day.attempts / expected), 0), MOST_BURST);
}

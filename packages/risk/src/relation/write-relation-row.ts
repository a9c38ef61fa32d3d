// Writes the relation features of one act into a row. Called for every act, so it allocates nothing.

import type { RealmCounts } from '../counts/realm-counts.ts';
import { ATTRIBUTE_INDEX, ATTRIBUTES, MAX_VALUE } from '../input/attributes.ts';
import { type Profile, READ_STRIDE } from '../profile/profile.ts';
import { COLUMN, PAIR_ATTRIBUTES, PAIR_COLUMNS, RESTLESS_ATTRIBUTES } from './relation-features.ts';

/** Strength of the prior: as much as one act of the realm's average subject. */
const PRIOR_ACTS = 1;
const GAP_LIMIT_SECONDS = 10 * 365 * 86_400;

const scratch = new Float64Array(ATTRIBUTES.length * READ_STRIDE);
const { ip: IP, asn: ASN, country: COUNTRY } = ATTRIBUTE_INDEX;

/**
 * How much likelier the realm shows a value than the subject does: ln(p_global / p_subject), where the
 * subject's side is (count + p_global) / (known + 1). Never more than ln(known + 1), which is what a new
 * value has.
 */
export function logLikelihoodRatio(share: number, count: number, known: number): number {
  return Math.log((share * (known + PRIOR_ACTS)) / (count + PRIOR_ACTS * share));
}

/**
 * A value that is missing where the subject always had one counts like one never seen before, which is
 * the most it can be: to leave something out never lowers a score. Where the subject never had one,
 * there is nothing to compare.
 *
 * @param lookedUp False when networks could not be looked up at all: then a familiar address vouches for
 *   its network and country.
 * @param row Holds `RELATION_FEATURES.length` numbers from `offset`.
 */
export function writeRelationRow(
  profile: Profile,
  counts: RealmCounts,
  peers: RealmCounts | undefined,
  values: Float64Array,
  timeMs: number,
  lookedUp: boolean,
  row: Float64Array,
  offset = 0,
): void {
  profile.readInto(values, timeMs, scratch);
  const vouched = !lookedUp && scratch[IP * READ_STRIDE]! > 0;
  for (let pair = 0; pair < PAIR_ATTRIBUTES.length; pair++) {
    const attribute = PAIR_ATTRIBUTES[pair]!;
    const at = offset + PAIR_COLUMNS[pair]!;
    const value = values[attribute]!;
    const count = scratch[attribute * READ_STRIDE]!;
    const known = scratch[attribute * READ_STRIDE + 1]!;
    const given = value >= 1 && value <= MAX_VALUE;
    const excused = !given && vouched && (attribute === ASN || attribute === COUNTRY);
    if (!(known > 0) || excused) {
      row[at] = 0;
      row[at + 1] = 0;
    } else if (given && count > 0) {
      row[at] = logLikelihoodRatio(counts.share(attribute, value, peers), count, known);
      row[at + 1] = 0;
    } else {
      row[at] = Math.log(known + PRIOR_ACTS);
      row[at + 1] = 1;
    }
  }
  writeHabits(profile, timeMs, row, offset);
}

function writeHabits(profile: Profile, timeMs: number, row: Float64Array, offset: number): void {
  const gap = (timeMs - profile.lastMs) / 1000;
  row[offset + COLUMN.logN] = Math.log1p(profile.weight(timeMs));
  row[offset + COLUMN.logGap] = Math.log1p(gap > 0 ? Math.min(gap, GAP_LIMIT_SECONDS) : 0);
  for (let i = 0; i < RESTLESS_ATTRIBUTES.length; i++) {
    const at = RESTLESS_ATTRIBUTES[i]! * READ_STRIDE;
    const known = scratch[at + 1]!;
    row[offset + COLUMN.distinct + i] = known > 0 ? scratch[at + 2]! / known : 0;
  }
  row[offset + COLUMN.hourDay] = profile.hourOddness(timeMs, 'day');
  row[offset + COLUMN.hourWeek] = profile.hourOddness(timeMs, 'week');
}

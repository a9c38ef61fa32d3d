// Nobody can ask a machine for a factor. What is new of one is told, and its tokens are short, until an
// analyst says that it is safe, or until it was so on a third day and nobody objected: else a machine that
// moved would be named at every token for ever, and who is always named is looked at by nobody.

import type { RiskInput } from '../input/risk-input.ts';
import type { Profile } from '../profile/profile.ts';
import { DAY_MS } from './detector.ts';
import { RESOURCE_PLACES, SUBJECT } from './detector-memory.ts';
import { addToSet } from './number-table.ts';

const DAYS_TO_WAIT = 3;

/** Counts the days of what waits; what waited long enough is the machine's from now on. */
export function adoptValues(
  row: Float64Array,
  { timeMs, values, resourceKey }: Pick<RiskInput, 'timeMs' | 'values' | 'resourceKey'>,
  asn: number,
  profile: Profile | undefined,
): void {
  const day = Math.floor(timeMs / DAY_MS);
  const isKnown = profile?.values('asn', timeMs).some(({ value }) => value === asn) ?? true;
  if (asn > 0 && !isKnown && countDay(row, SUBJECT.waitingAsn, asn, day)) {
    profile?.learn(values, timeMs);
  }
  if (resourceKey === undefined || !Number.isSafeInteger(resourceKey) || resourceKey <= 0) return;
  if (countDay(row, SUBJECT.waitingResource, resourceKey, day)) {
    addToSet(row, SUBJECT.resources, RESOURCE_PLACES, resourceKey);
  }
}

/** @returns whether it was there on enough days. Another value in between begins anew. */
function countDay(row: Float64Array, at: number, value: number, day: number): boolean {
  if (row[at] !== value) row.set([value, day, 1], at);
  else if (day > (row[at + 1] ?? 0)) row.set([value, day, (row[at + 2] ?? 0) + 1], at);
  if ((row[at + 2] ?? 0) < DAYS_TO_WAIT) return false;
  row.fill(0, at, at + 3);
  return true;
}

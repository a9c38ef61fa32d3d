// A profile in words. It holds numbers only; what a number stood for is taken from the acts that are still
// kept, where it is something that may be read.

import type { KeptAct } from '@countersign/memory';
import { ATTRIBUTE_INDEX, ATTRIBUTES, type Attribute, type Profile } from '@countersign/risk';

const MOST_VALUES = 5;
const PERCENT = 100;

export interface DescribedValue {
  /** What a person may read; absent for what is kept as a number only. */
  label?: string;
  /** Of the acts in which the attribute was known, decayed by half in 180 days. */
  percent: number;
  lastMs: number;
}

export interface DescribedProfile {
  /** Acts it was taught, ever. */
  acts: number;
  firstMs?: number;
  lastMs?: number;
  usual: Partial<Record<Attribute, DescribedValue[]>>;
}

export function describeProfile(
  profile: Profile,
  acts: readonly KeptAct[],
  nowMs: number,
): DescribedProfile {
  if (profile.depth === 0) return { acts: 0, usual: {} };
  const usual = ATTRIBUTES.flatMap((attribute) => {
    const known = profile.knownWeight(attribute, nowMs);
    const values = profile.values(attribute, nowMs).slice(0, MOST_VALUES);
    if (values.length === 0 || !(known > 0)) return [];
    const described = values.map(({ value, weight, lastMs }): DescribedValue => {
      const label = labelOf(attribute, value, acts);
      const percent = Math.min(PERCENT, Math.round((weight / known) * PERCENT));
      return { ...(label === undefined ? {} : { label }), percent, lastMs };
    });
    return [[attribute, described] as const];
  });
  return {
    acts: profile.depth,
    firstMs: profile.firstMs,
    lastMs: profile.lastMs,
    usual: Object.fromEntries(usual),
  };
}

function labelOf(
  attribute: Attribute,
  value: number,
  acts: readonly KeptAct[],
): string | undefined {
  const index = ATTRIBUTE_INDEX[attribute];
  return acts.find(({ input }) => input.values[index] === value)?.input.labels[attribute];
}

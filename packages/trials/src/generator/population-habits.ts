// How populations differ in a mixed world. Assumptions, not measurements: the published data are of
// customers alone. They exist so that a population that is judged worse than others shows.

import type { Population } from '@countersign/vocabulary';
import type { Knobs } from './knobs.ts';

/** What each population changes in the knobs of the world. */
export const POPULATION_HABITS: Readonly<Record<Population, (knobs: Knobs) => Knobs>> = {
  customer: (knobs) => knobs,
  // Daily, from an office behind a NAT and from home, on a machine that the employer keeps.
  workforce: (knobs) => ({
    ...knobs,
    ...{ singles: 0.03, sharedNat: 0.5, newUa: 0.2, newDevice: 0.04, newAsn: 0.06 },
    logins: { ...knobs.logins, mean: 2.6, deviation: 0.6 },
    gaps: { ...knobs.gaps, daysMedian: 2 },
    newIp: scale(knobs.newIp, 0.5),
  }),
  // Now and then, from another house's network, and on the road.
  partner: (knobs) => ({
    ...knobs,
    ...{ singles: 0.15, sharedNat: 0.35, newUa: 0.35, newAsn: 0.14 },
    logins: { ...knobs.logins, mean: 1.9 },
    newIp: scale(knobs.newIp, 0.8),
  }),
  // Often, from one place, with firmware that changes seldom.
  device: (knobs) => ({
    ...knobs,
    ...{ singles: 0.02, secondHome: 0.05, newAsn: 0.02, newUa: 0.05, newDevice: 0, newOs: 0.3 },
    logins: { ...knobs.logins, mean: 3, deviation: 0.5 },
    gaps: { ...knobs.gaps, daysMedian: 3, daysDeviation: 0.3 },
    newIp: scale(knobs.newIp, 0.3),
  }),
};

/** Shares of users in a mixed world. */
export const MIXED_POPULATIONS: Readonly<Record<Population, number>> = {
  ...{ workforce: 0.15, partner: 0.1, customer: 0.7, device: 0.05 },
};

function scale({ underMs, chance }: Knobs['newIp'], by: number): Knobs['newIp'] {
  return { underMs, chance: chance.map((each) => each * by) };
}

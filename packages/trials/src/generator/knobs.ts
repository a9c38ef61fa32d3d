// What a made-up world is like. The defaults were fitted to published statistics of the RBA data set
// (Wiefling et al., ToPS 2022; das-group/rba-dataset) and then to the published recall of Freeman's
// method on it: whoever learns on such a world is told an upper bound, not a truth.

import type { Population } from '@countersign/vocabulary';

export interface Knobs {
  users: number;
  /** Share of users with one login only. */
  singles: number;
  /** Of the others: logins = round(exp(N(mean, deviation))), within `fewest` and `most`. */
  logins: { mean: number; deviation: number; fewest: number; most: number };
  /** First day of the world, and how many days it has. */
  startMs: number;
  days: number;
  /** Short gaps: share and mean. The rest is exponential around a mean of the user's own. */
  gaps: {
    minutesShare: number;
    minutes: number;
    hoursShare: number;
    hours: number;
    /** The user's own mean in days: exp(N(ln median, deviation)). */
    daysMedian: number;
    daysDeviation: number;
  };
  /** P(new address) for a gap under each of these, and beyond the last. */
  newIp: { underMs: readonly number[]; chance: readonly number[] };
  /** A new address in another network; of those, where the country is drawn anew like a home. */
  newAsn: number;
  elsewhere: number;
  /** Share of users with a second home network, and how often a new address is in it. */
  secondHome: number;
  secondHomeUse: number;
  /** New addresses that many share, from a few of each network. */
  sharedNat: number;
  natAddresses: number;
  /** Rank tails: P(rank ≥ r) = r^−alpha. */
  tails: { asn: number; nat: number; os: number; browser: number; ua: number };
  asnsPerCountry: number;
  /** New user agent; of those in order: device, else OS, else browser, else the string only. */
  newUa: number;
  newDevice: number;
  newOs: number;
  newBrowser: number;
  /** A known address or agent that is used again is the last one, else one of any earlier login. */
  reuseLast: number;
  /** Users by population; one population makes the world of the reference. */
  populations: Partial<Record<Population, number>>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const DEFAULT_KNOBS: Knobs = {
  users: 30_000,
  singles: 0.397,
  logins: { mean: 1.25, deviation: 0.82, fewest: 2, most: 150 },
  startMs: Date.UTC(2020, 1, 3),
  days: 392,
  gaps: {
    ...{ minutesShare: 0.12, minutes: 4, hoursShare: 0.1, hours: 2 },
    ...{ daysMedian: 12, daysDeviation: 1 },
  },
  newIp: {
    underMs: [MINUTE, 10 * MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY],
    chance: [0.023, 0.05, 0.106, 0.25, 0.42, 0.58, 0.74],
  },
  newAsn: 0.1,
  elsewhere: 0.35,
  secondHome: 0.5,
  secondHomeUse: 0.5,
  sharedNat: 0.1,
  natAddresses: 25,
  tails: { asn: 0.7, nat: 0.9, os: 0.61, browser: 0.9, ua: 0.9 },
  asnsPerCountry: 400,
  newUa: 0.52,
  newDevice: 0.08,
  newOs: 0.2,
  newBrowser: 0.45,
  reuseLast: 0.5,
  populations: { customer: 1 },
};

/** Homes: Norway first (a Norwegian single sign-on), then by share of the published rows. */
export const HOMES: readonly (readonly [string, number])[] = [
  ['NO', 0.88],
  ...(
    [
      ...[
        ['US', 26],
        ['RU', 5],
        ['BR', 3.8],
        ['PL', 3],
        ['DE', 2.9],
        ['IN', 1.5],
        ['UA', 1.4],
      ],
      ...[
        ['AU', 1.4],
        ['GB', 1.4],
        ['SE', 1],
        ['DK', 1],
        ['NL', 1],
        ['FR', 1],
        ['IT', 0.9],
      ],
      ...[
        ['ES', 0.9],
        ['CA', 0.9],
        ['ID', 0.8],
        ['RO', 0.6],
        ['LV', 0.5],
        ['LT', 0.5],
      ],
      ...[
        ['FI', 0.5],
        ['CN', 0.4],
        ['TR', 0.4],
        ['MX', 0.4],
        ['JP', 0.3],
        ['ZA', 0.2],
      ],
    ] as [string, number][]
  ).map(([code, share]): [string, number] => [code, (0.12 * share) / 57.8]),
];

/** Devices by share of the published rows. */
export const DEVICES: readonly (readonly [string, number])[] = [
  ...([
    ['mobile', 0.628],
    ['desktop', 0.254],
    ['bot', 0.065],
    ['unknown', 0.028],
  ] as const),
  ['tablet', 0.026],
];

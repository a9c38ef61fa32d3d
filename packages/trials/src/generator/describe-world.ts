// What came out of the knobs: how often each trait of a login is new to a person who has a history.

import { isNewToUser, type Logins, linkHistories, TRAITS, type Trait } from '../logins.ts';

export interface WorldStatistics {
  logins: number;
  users: number;
  withHistory: number;
  /** Share of users with one login only. */
  singles: number;
  /** Share of logins with history in which the trait is new to the person. */
  fresh: Record<Trait, number>;
}

/** What was measured on the published data set, as the generator's reference repeats it. */
export const PUBLISHED_FRESH: Readonly<Record<Trait, number>> = {
  ...{ ip: 0.42, asn: 0.086, country: 0.003, ua: 0.53, browser: 0.24, os: 0.13, device: 0.03 },
};

export function describeWorld(logins: Logins): WorldStatistics {
  const { depth, previous } = linkHistories(logins);
  const fresh = { ip: 0, asn: 0, country: 0, ua: 0, browser: 0, os: 0, device: 0 };
  let withHistory = 0;
  const logs = new Uint32Array(logins.users);
  for (const user of logins.user) logs[user]!++;
  for (const trait of TRAITS)
    for (let row = 0; row < logins.size; row++)
      if (depth[row]! > 0 && isNewToUser(logins.traits[trait], previous, row)) fresh[trait]++;
  for (const each of depth) if (each > 0) withHistory++;
  for (const trait of TRAITS) fresh[trait] /= withHistory;
  const singles = logs.filter((count) => count === 1).length / logins.users;
  return { logins: logins.size, users: logins.users, withHistory, singles, fresh };
}

// What a million profiles take: of the resident process, not of an estimate.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Profile } from '@countersign/risk';
import type { Logins } from '@countersign/trials';
import { inputOf } from './replay-realm.ts';

export interface ProfileWeight {
  profiles: number;
  acts: number;
  /** Growth of the resident process. */
  residentBytes: number;
  /** Mean bytes of one on disk. */
  encodedBytes: number;
}

/** Profiles of the made-up people, as many times as it takes. */
export function weighProfiles(logins: Logins, profiles: number): ProfileWeight {
  const rows: number[][] = Array.from({ length: logins.users }, () => []);
  logins.user.forEach((user, row) => {
    rows[user]?.push(row);
  });
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage().rss;
  const kept: Profile[] = [];
  let acts = 0;
  for (let made = 0; made < profiles; made++) {
    const profile = new Profile();
    for (const row of rows[made % logins.users] ?? []) {
      const { values, timeMs } = inputOf(logins, row, 0);
      profile.learn(values, timeMs);
      acts++;
    }
    kept.push(profile);
  }
  collect();
  const residentBytes = process.memoryUsage().rss - before;
  const sample = kept.slice(0, logins.users);
  const encoded = sample.reduce((sum, profile) => sum + profile.encode().length, 0);
  return { profiles, acts, residentBytes, encodedBytes: encoded / sample.length };
}

// How long events are kept, as profiles a reader of regulations knows. Each only has floors: nobody can
// have anything deleted earlier; a month is counted as 31 days. Everything that is kept can be searched.

import { archiveError } from '../archive-error.ts';
import type { RetentionTable } from '../tables.ts';

export const RETENTION_PROFILES = {
  /** What the Cyber Safety Review Board asked providers for, free, and the least there is: 6 months. */
  csrb: { months: 6 },
  /** Ours, where nobody chose: 12 months. */
  standard: { months: 12 },
  /** M-26-14: 6 months searchable and 12 retrievable, one after the other. */
  'm-26-14': { months: 18 },
  /** M-21-31 (rescinded, still in contracts): 12 months active and 18 cold. */
  'm-21-31': { months: 30 },
} as const;

export type RetentionProfile = keyof typeof RETENTION_PROFILES;
export const DEFAULT_PROFILE: RetentionProfile = 'standard';

const DAY_MS = 86_400_000;
const MONTH_MS = 31 * DAY_MS;
const KEYS_AFTER_LIFE_MS = 2 * 366 * DAY_MS;

/** @throws CodedError `retention_unknown` */
export function readProfile(name: string): RetentionProfile {
  if (Object.hasOwn(RETENTION_PROFILES, name)) return name as RetentionProfile;
  const known = Object.keys(RETENTION_PROFILES).join(', ');
  throw archiveError(
    'retention_unknown',
    `There is no retention profile ${name}; there are ${known}.`,
  );
}

export function keepMs(profile: RetentionProfile): number {
  return RETENTION_PROFILES[profile].months * MONTH_MS;
}

/** The profile that events from this one on are kept by. */
export function profileAt(row: RetentionTable | undefined, sequence: number): RetentionProfile {
  if (row === undefined) return DEFAULT_PROFILE;
  const profile = readProfile(row.profile);
  if (row.before_profile === null || sequence > (row.before_through ?? 0)) return profile;
  const before = readProfile(row.before_profile);
  return keepMs(profile) >= keepMs(before) ? profile : before;
}

/**
 * Until when the events of keys in a segment are kept: two years longer than any key can live that was
 * there when it was sealed, whatever the profile.
 */
export function keepKeysUntilMs(
  sealedMs: number,
  keepUntilMs: number,
  longestKeyLifeSeconds: number,
): number {
  return Math.max(keepUntilMs, sealedMs + longestKeyLifeSeconds * 1000 + KEYS_AFTER_LIFE_MS);
}

// How old a key may become, and the timetable that follows from it (controls C-01, C-04): by the kind
// of realm it speaks for, after the draft of NIST IR 8587 or after the CSRB's recommendation 6b.

import { CodedError } from '@countersign/vocabulary';

/** `nist-draft`: 14, 90 or 365 days by kind of realm. `csrb`: 30 days, whatever the kind. */
export const KEY_PROFILES = ['nist-draft', 'csrb'] as const;
export type KeyProfile = (typeof KEY_PROFILES)[number];

/** Whom one key speaks for: several tenants, one tenant of several, or the only organisation there is. */
export const REALM_KINDS = ['multi-tenant', 'per-tenant', 'single-org'] as const;
export type RealmKind = (typeof REALM_KINDS)[number];

export interface KeySchedule {
  /** From its first second to its last: sealed into the key; signer and verifiers refuse beyond. */
  maxAgeSeconds: number;
  /** How long a key signs before its standby takes over. Default: a third of the age. */
  rotateEverySeconds: number;
  /**
   * How long a key is shown before it signs while another still can: as long as the slowest verifier
   * may go without reading the key set. Default an hour.
   */
  publishLeadSeconds: number;
  /** How long the key before goes on beside the new one; until then the rotation can be undone. */
  handoverSeconds: number;
}

const DAY_SECONDS = 86_400;
const MAX_AGE_DAYS: Readonly<Record<KeyProfile, Readonly<Record<RealmKind, number>>>> = {
  'nist-draft': { 'multi-tenant': 14, 'per-tenant': 90, 'single-org': 365 },
  csrb: { 'multi-tenant': 30, 'per-tenant': 30, 'single-org': 30 },
};
const PUBLISH_LEAD_SECONDS = 3600;
const HANDOVER_SECONDS = 600;
/** A key signs for a third of its age and waits as a standby for the third before that. */
const TURNS_PER_AGE = 3;
/** Share of the age at which somebody must look: rotation should have come at two thirds. */
export const ALARM_AT_SHARE = 0.8;

/** What an installation may set by itself: each only shorter than the profile allows. */
export type ShorterSchedule = Partial<
  Pick<KeySchedule, 'maxAgeSeconds' | 'rotateEverySeconds' | 'publishLeadSeconds'>
>;

/** @throws CodedError `schedule_malformed` naming the number that does not fit */
export function keySchedule(
  profile: KeyProfile = 'nist-draft',
  kind: RealmKind = 'per-tenant',
  shorter: ShorterSchedule = {},
): KeySchedule {
  const longest = MAX_AGE_DAYS[profile][kind] * DAY_SECONDS;
  const maxAgeSeconds = atMost('maxAgeSeconds', shorter.maxAgeSeconds, longest);
  const turn = Math.floor(maxAgeSeconds / TURNS_PER_AGE);
  const rotateEverySeconds = atMost('rotateEverySeconds', shorter.rotateEverySeconds, turn);
  // A standby that is not ripe when its turn comes would hold every rotation up.
  const lead = Math.min(PUBLISH_LEAD_SECONDS, rotateEverySeconds);
  const publishLeadSeconds = atMost('publishLeadSeconds', shorter.publishLeadSeconds, lead);
  const handoverSeconds = Math.min(HANDOVER_SECONDS, Math.floor(rotateEverySeconds / 10));
  return { maxAgeSeconds, rotateEverySeconds, publishLeadSeconds, handoverSeconds };
}

function atMost(name: string, wanted: number | undefined, longest: number): number {
  if (wanted === undefined) return longest;
  if (Number.isInteger(wanted) && wanted >= 1 && wanted <= longest) return wanted;
  throw new CodedError(
    'schedule_malformed',
    `The key schedule is not usable: ${name} must be 1 to ${longest} seconds; it can only be shortened.`,
  );
}

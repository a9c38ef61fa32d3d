// How old keys may become and when they are turned over: a profile, the kind of realm, and what this
// installation makes shorter. Nothing here makes a key live longer (control C-01).

import {
  KEY_PROFILES,
  type KeySchedule,
  keySchedule,
  REALM_KINDS,
  type ShorterSchedule,
} from '@countersign/keys';
import { CodedError, isCodedError, POPULATIONS } from '@countersign/vocabulary';
import { z } from 'zod';
import { longestPolicySeconds } from '../feed/longest-lifetimes.ts';

const seconds = z.int().min(1);

/** Each only shorter than the profile has it. */
const scheduleSchema = z.strictObject({
  /** From a key's first second to its last. */
  maxAgeSeconds: seconds.optional(),
  /** How long it signs before its standby does. */
  rotateEverySeconds: seconds.optional(),
  /** How long it is shown before it signs: as long as the slowest verifier keeps a key set. */
  publishLeadSeconds: seconds.optional(),
});

export const keySettingsSchema = z.strictObject({
  /** `nist-draft` (default): 14, 90 or 365 days by kind. `csrb`: 30 days. */
  profile: z.enum(KEY_PROFILES).optional(),
  /** Whom a key speaks for: `multi-tenant`, `per-tenant` (default) or `single-org`. */
  kind: z.enum(REALM_KINDS).optional(),
  schedule: scheduleSchema.optional(),
});

export interface GivenKeySettings {
  keys?: z.infer<typeof keySettingsSchema> | undefined;
  /** From the environment, which wins. */
  keyProfile?: string;
  keyKind?: string;
  /** JSON, or `maxAge=…,rotateEvery=…,lead=…` in seconds. */
  keySchedule?: string;
}

const SHORT_NAMES: Readonly<Record<string, keyof ShorterSchedule>> = {
  maxAge: 'maxAgeSeconds',
  rotateEvery: 'rotateEverySeconds',
  lead: 'publishLeadSeconds',
};

/** @throws CodedError `bad_setting` that names the setting and what it may be */
export function readKeySettings(given: GivenKeySettings): KeySchedule {
  const { keys = {}, keySchedule: text } = given;
  const merged = {
    ...keys,
    ...(given.keyProfile === undefined ? {} : { profile: given.keyProfile }),
    ...(given.keyKind === undefined ? {} : { kind: given.keyKind }),
    ...(text === undefined ? {} : { schedule: parseSchedule(text) }),
  };
  const parsed = keySettingsSchema.safeParse(merged);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw bad(`keys.${issue?.path.join('.')}: ${issue?.message}.`);
  }
  const { profile, kind, schedule = {} } = parsed.data;
  try {
    return workable(keySchedule(profile, kind, schedule as ShorterSchedule));
  } catch (error) {
    throw isCodedError(error) ? bad(`keys.schedule: ${error.message}`) : error;
  }
}

/** A key begins a minute back and stands by for a turn: of a shorter one nothing would be left. */
const LEAST_TURN_SECONDS = 120;

/** Keys that are over before their tokens are would be replaced without end. */
function workable(schedule: KeySchedule): KeySchedule {
  const { maxAgeSeconds, rotateEverySeconds, handoverSeconds } = schedule;
  if (rotateEverySeconds < LEAST_TURN_SECONDS)
    throw bad(`rotateEverySeconds must be at least ${LEAST_TURN_SECONDS}.`);
  const longest = Math.max(
    ...POPULATIONS.flatMap((one) => Object.values(longestPolicySeconds(one))),
  );
  const least = 2 * rotateEverySeconds + handoverSeconds + longest;
  if (maxAgeSeconds < least)
    throw bad(
      `maxAgeSeconds must be at least ${least} with turns of ${rotateEverySeconds}: a key that stops after two turns still has tokens that live ${longest} seconds.`,
    );
  return schedule;
}

function parseSchedule(text: string): unknown {
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text);
    } catch {
      throw bad('COUNTERSIGN_KEY_SCHEDULE: this is not JSON.');
    }
  }
  const entries = text.split(',').map((part) => {
    const [, name = '', value = ''] = /^\s*(\w+)=(\d+)\s*$/.exec(part) ?? [];
    const key = SHORT_NAMES[name];
    if (key === undefined) {
      throw bad(`COUNTERSIGN_KEY_SCHEDULE: give maxAge=, rotateEvery= and lead= in seconds.`);
    }
    return [key, Number(value)] as const;
  });
  return Object.fromEntries(entries);
}

function bad(message: string): CodedError<'bad_setting'> {
  return new CodedError('bad_setting', message);
}

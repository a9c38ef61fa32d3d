// Flat records as canonical JSON (RFC 8785): one record, one text, so that it can be hashed and a
// second spelling refused.

import { trailError } from './trail-error.ts';

/** Longest record, in UTF-16 units: a dozen members of at most 255 characters. */
const LONGEST_RECORD = 8_192;

export type FlatRecord = Readonly<Record<string, string | number>>;

/** What a member of a record must be. */
export type MemberRule = 'version' | 'count' | 'positive' | 'hash' | 'salt' | 'name';

const RULES: Readonly<Record<MemberRule, (value: unknown) => boolean>> = {
  version: (value) => value === 1,
  count: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  positive: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  hash: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  salt: (value) => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value),
  name: (value) => typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value),
};

/** @throws CodedError `trail_malformed` */
export function formatRecord(
  record: FlatRecord,
  rules: Readonly<Record<string, MemberRule>>,
): string {
  const names = Object.keys(rules).sort();
  const given = Object.keys(record);
  if (given.length !== names.length) throw malformed('has members too few or too many');
  for (const name of names) {
    const rule = rules[name];
    if (rule === undefined || !RULES[rule](record[name])) throw malformed(`has no fit ${name}`);
  }
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, record[name]])));
}

/** @throws CodedError `trail_malformed` for anything but the one spelling */
export function parseRecord(text: string, rules: Readonly<Record<string, MemberRule>>): FlatRecord {
  // Before it is read: JSON takes thirty times its size, and a minute, where it nests deep enough.
  if (text.length > LONGEST_RECORD) throw malformed('is too long');
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (cause) {
    throw malformed('is no JSON', cause);
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    throw malformed('is no JSON object');
  }
  if (formatRecord(record as FlatRecord, rules) !== text) throw malformed('is not canonical JSON');
  return record as FlatRecord;
}

function malformed(what: string, cause?: unknown): Error {
  return trailError('trail_malformed', `A record of the trail ${what}.`, { cause });
}

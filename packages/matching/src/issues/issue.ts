// What the issuer says it handed out: the few facts of a sign-in or a token that a use is held against.

import { type Activity, familyOf } from '../activity.ts';

export interface Issue {
  at: string;
  family: string;
  timeMs: number;
  /** What the token itself says of its issue, where the log tells it. */
  issuedMs?: number;
  expiresMs?: number;
  tokens: readonly string[];
  sessions: readonly string[];
  persons: readonly string[];
  client?: string;
  ip?: string;
  asn?: string;
  /** The record sums up several issues: ids of some of them are not in it. */
  partial: boolean;
}

/** Undefined when nothing was handed out: a failure, or a record of something else. */
export function issueOf({ at, source, timeMs, facts }: Activity): Issue | undefined {
  if (facts.kind !== 'sign_in' && facts.kind !== 'token') return undefined;
  if (facts.outcome === 'failure') return undefined;
  const { tokens = [], sessions = [], persons = [] } = facts;
  return {
    ...{ at, family: familyOf(source), timeMs, tokens, sessions, persons },
    partial: facts.gap !== undefined,
    ...(facts.tokenIssuedMs === undefined ? {} : { issuedMs: facts.tokenIssuedMs }),
    ...(facts.tokenExpiresMs === undefined ? {} : { expiresMs: facts.tokenExpiresMs }),
    ...(facts.client === undefined ? {} : { client: facts.client }),
    ...(facts.ip === undefined ? {} : { ip: facts.ip }),
    ...(facts.asn === undefined ? {} : { asn: facts.asn }),
  };
}

// What the issuer says it handed out: the few facts of a sign-in or a token that a use is held against.

import { type Activity, familyOf } from '../activity.ts';
import type { SharedText } from './share-text.ts';

export interface Issue {
  at: string;
  family: string;
  timeMs: number;
  /** What the token itself says of its issue, where the log tells it. */
  issuedMs: number | undefined;
  expiresMs: number | undefined;
  tokens: readonly string[];
  sessions: readonly string[];
  persons: readonly string[];
  client: string | undefined;
  ip: string | undefined;
  asn: string | undefined;
  /** The token was handed to another than who asked for it, as a role is: whoever has it is somebody else. */
  handedOver: boolean;
  /** The record sums up several issues: ids of some of them are not in it. */
  partial: boolean;
}

const HANDS_OVER = /^(?:AssumeRole|AssumeRoot|GetFederationToken)/;

/** Undefined when nothing was handed out: a failure, or a record of something else. */
export function issueOf(
  { at, source, timeMs, facts }: Activity,
  shared: SharedText,
): Issue | undefined {
  if (facts.kind !== 'sign_in' && facts.kind !== 'token') return undefined;
  if (facts.outcome === 'failure') return undefined;
  const { tokens = [], sessions = [], persons = [], client, ip, asn } = facts;
  // All members in one order, absent ones too: a million objects of one shape.
  return {
    ...{ at, family: familyOf(source), timeMs, tokens },
    sessions: shared.list(sessions),
    persons: shared.list(persons),
    partial: facts.gap !== undefined,
    handedOver: source === 'cloudtrail' && HANDS_OVER.test(facts.operation),
    issuedMs: facts.tokenIssuedMs,
    expiresMs: facts.tokenExpiresMs,
    client: client === undefined ? undefined : shared.one(client),
    ip: ip === undefined ? undefined : shared.one(ip),
    asn: asn === undefined ? undefined : shared.one(asn),
  };
}

// One record as this room sees it: when, from where, and the facts that join it to others.

import type { ActivityFacts } from '@countersign/vocabulary';

export interface Activity {
  /** Where a person finds it: `FILE:LINE`, or the uid of an event. */
  at: string;
  /** The source that mapped it, such as `entra-sign-in`; `countersign` for our own events. */
  source: string;
  /** The source's own id: a record that comes twice has the same. */
  key: string;
  timeMs: number;
  facts: ActivityFacts;
  /** Which of its issuer's logs it stands in, where an issuer has several: see `required-streams`. */
  stream?: string;
  /** Which key signed the token, where the record says so. */
  kid?: string;
  /** The record says that records are missing: from when to when, and of which source. */
  gap?: { fromMs: number; toMs: number; reason: string; source: string | null };
}

const FAMILIES: Readonly<Record<string, string>> = {
  'microsoft-365': 'microsoft',
  'entra-sign-in': 'microsoft',
  'entra-audit': 'microsoft',
  'google-workspace': 'google',
  gcp: 'google',
};
/** Shapes that anybody writes: what they hold may be of any issuer. */
const OPEN = new Set(['ocsf', 'ecs']);

/** Whose ids a source's ids are comparable with. */
export function familyOf(source: string): string {
  return FAMILIES[source] ?? source;
}

/** Two houses that number their tokens by themselves never mean the same by an id they do not share. */
export function areComparable(family: string, other: string): boolean {
  return family === other || OPEN.has(family) || OPEN.has(other);
}

/** Sources that are an issuer's log whole: any record of theirs shows that it was on. */
const ISSUERS = new Set(['entra-sign-in', 'okta', 'keycloak', 'cloudtrail', 'countersign']);

/** Whether a record shows how far an issuer's log reaches. An access log beside it shows nothing. */
export function showsReach({ source, facts }: Activity): boolean {
  return facts.kind === 'sign_in' || facts.kind === 'token' || ISSUERS.has(source);
}

/** `uti` of `uti:3kF…`: ids are comparable within one kind only. Keys of AWS say their kind themselves. */
export function kindOfId(id: string): string {
  const end = id.indexOf(':');
  const kind = end < 0 ? '' : id.slice(0, end);
  return kind === 'key' ? id.slice(0, end + 5) : kind;
}

/**
 * Without ids that are called tokens and are none: `dtHash` of Okta is of a browser, which several people
 * may use, and for years. Exposure finds by it; nobody is joined or accused by it.
 */
export function withoutDevices(activity: Activity): Activity {
  const { tokens = [] } = activity.facts;
  if (!tokens.some(isDevice)) return activity;
  const { tokens: _, ...facts } = activity.facts;
  const left = tokens.filter((id) => !isDevice(id));
  return { ...activity, facts: left.length === 0 ? facts : { ...facts, tokens: left } };
}

function isDevice(id: string): boolean {
  return kindOfId(id) === 'dtHash';
}

/** Made once and used for years: no log reaches back to its making, so nobody can say there was none. */
export function isLasting(id: string): boolean {
  return kindOfId(id) === 'key:AKIA';
}

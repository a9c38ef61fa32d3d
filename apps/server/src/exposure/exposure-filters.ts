// A question about exposure as filters of the search language: first the records that name what is asked
// about, then those of its sessions and people.

import { hash } from 'node:crypto';
import type { Question } from '@countersign/matching';

/** Kinds of ids that records of others are stored with; ours have none. */
const TOKEN_KINDS = ['', 'uti:', 'jti:', 'key:', 'dtHash:', 'jtiHash:', 'hash:'];
const PERSON_KINDS = ['', 'upn:', 'email:', 'oid:', 'name:', 'sub:', 'arn:'];
/** Values of one filter: it may be 4,096 characters long. */
const VALUES_EACH = 20;

export function filterOf({ kind, value }: Question): string {
  const bare = value.slice(value.indexOf(':') + 1);
  switch (kind) {
    case 'token':
      // Our record holds the hash of a `jti`, and whoever asks may have the `jti` itself.
      return `token in (${list([...spelled(TOKEN_KINDS, value), bare, hash('sha256', bare, 'hex')])}) or token_hash in (${list([value, bare])})`;
    case 'session':
      return `session in (${list([value, bare, `sid:${value}`])})`;
    case 'key':
      return `kid = ${quote(value)} or token in (${list([value, `key:${value}`])})`;
    case 'app':
      return `app in (${list([value, value.toLowerCase()])}) or unmapped.countersign.activity.app in (${list([value, value.toLowerCase()])})`;
    case 'person':
      return `person in (${list([...spelled(PERSON_KINDS, value), bare])})`;
    case 'ip':
      return `ip = ${quote(value)}`;
  }
}

interface TraceOf {
  tokens: ReadonlySet<string>;
  sessions: ReadonlySet<string>;
  holders: ReadonlySet<string>;
  fromMs: number | null;
  toMs: number | null;
}

/** What else may belong to a token or a key; `more`: there are more sessions and people than are asked for. */
export function filtersOfTrace(
  { tokens, sessions, holders, fromMs, toMs }: TraceOf,
  mostFilters: number,
): { filters: string[]; more: boolean } {
  const hashes = [...tokens].filter((id) => id.startsWith('hash:'));
  const filters = [
    // A forged token has no place in the ledger: what is known of it is its hash.
    ...portions(hashes).map((some) => `token_hash in (${list(some.map(bareOf))})`),
    ...portions([...tokens]).map((some) => `token in (${list(some.flatMap(withBare))})`),
    ...portions([...sessions]).map((some) => `session in (${list(some.flatMap(withBare))})`),
  ];
  if (fromMs !== null && toMs !== null) {
    const during = `time in ${quote(moment(fromMs))}..${quote(moment(toMs))}`;
    for (const some of portions([...holders].filter((each) => !each.startsWith('client:'))))
      filters.push(
        `person in (${list(some.flatMap(withBare))}) and ${during} and not exists(token)`,
      );
  }
  return { filters: filters.slice(0, mostFilters), more: filters.length > mostFilters };
}

/** Gaps that the record itself tells of, around a time. */
export function filterOfGaps(fromMs: number, toMs: number): string {
  const day = 86_400_000;
  return `name = log.gap and time in ${quote(moment(fromMs - day))}..${quote(moment(toMs + day))}`;
}

/** Whose records show that an issuer's log was on. */
export const ISSUER_FILTERS: readonly string[] = [
  'name in (token.issued, token.refreshed, token.exchanged)',
  'source = entra-sign-in and metadata.log_name = "SignInLogs"',
  'source = entra-sign-in and metadata.log_name = "NonInteractiveUserSignInLogs"',
  'source = entra-sign-in and metadata.log_name = "ServicePrincipalSignInLogs"',
  'source = okta and unmapped.countersign.activity.kind in (sign_in, token)',
  'source = keycloak and unmapped.countersign.activity.kind in (sign_in, token)',
  'source = cloudtrail and unmapped.countersign.activity.kind in (sign_in, token)',
];

function spelled(kinds: readonly string[], value: string): string[] {
  return kinds.map((kind) => kind + value);
}

function bareOf(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}

function withBare(id: string): string[] {
  return [id, bareOf(id)];
}

function portions(values: string[]): string[][] {
  const short = values.filter((value) => value.length <= 80);
  const count = Math.ceil(short.length / VALUES_EACH);
  return Array.from({ length: count }, (_, at) =>
    short.slice(at * VALUES_EACH, (at + 1) * VALUES_EACH),
  );
}

function list(values: readonly string[]): string {
  return [...new Set(values)].map(quote).join(', ');
}

function quote(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&')}"`;
}

function moment(ms: number): string {
  return new Date(Math.min(Math.max(ms, 0), 253_402_300_799_999)).toISOString();
}

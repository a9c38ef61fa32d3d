// A question about exposure as filters of the search language: first the records that name what is asked
// about, then those of its sessions and people.

import { hash } from 'node:crypto';
import { type Question, spellAddress } from '@countersign/matching';

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
      return `ip = ${quote(spellAddress(value))}`;
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

const ISSUED =
  '(name in (token.issued, token.refreshed, token.exchanged) or unmapped.countersign.activity.kind in (sign_in, token))';
/** As far as matching looks around a use: a token's longest life before, and who walks after. */
const BEFORE_MS = 28 * 3_600_000;
const AFTER_MS = 2 * 3_600_000;

/**
 * What has to be known before a use of these tokens, sessions and people can be judged: without the
 * sign-ins of all of them an honest use would look as if nobody had issued its token.
 */
export function filtersOfIssues(
  { tokens, sessions, holders, fromMs, toMs }: TraceOf,
  mostFilters: number,
): { filters: string[]; more: boolean } {
  if (fromMs === null || toMs === null) return { filters: [], more: false };
  const around = `time in ${quote(moment(fromMs - BEFORE_MS))}..${quote(moment(toMs + AFTER_MS))}`;
  const apps = [...holders].flatMap((id) => (id.startsWith('client:') ? [bareOf(id)] : []));
  const people = [...holders].filter((id) => !id.startsWith('client:'));
  const filters = [
    ...portions([...tokens]).map((some) => `token in (${list(some.flatMap(withBare))})`),
    ...portions([...sessions]).map((some) => `session in (${list(some.flatMap(withBare))})`),
    ...portions(people).map(
      (some) => `person in (${list(some.flatMap(withBare))}) and ${around} and ${ISSUED}`,
    ),
    ...portions(apps).map((some) => `app in (${list(some)}) and ${around} and ${ISSUED}`),
  ];
  return { filters: filters.slice(0, mostFilters), more: filters.length > mostFilters };
}

/** Gaps that the record itself tells of, around a time. */
export function filterOfGaps(fromMs: number, toMs: number): string {
  const day = 86_400_000;
  return `name = log.gap and time in ${quote(moment(fromMs - day))}..${quote(moment(toMs + day))}`;
}

const ISSUER_FILTERS: Readonly<Record<string, readonly string[]>> = {
  countersign: ['name in (token.issued, token.refreshed, token.exchanged)'],
  microsoft: [
    'source = entra-sign-in and metadata.log_name = "SignInLogs"',
    'source = entra-sign-in and metadata.log_name = "NonInteractiveUserSignInLogs"',
    'source = entra-sign-in and metadata.log_name = "ServicePrincipalSignInLogs"',
  ],
  okta: ['source = okta'],
  keycloak: ['source = keycloak'],
  cloudtrail: ['source = cloudtrail'],
};

/** Whose records show that an issuer's log was on, for records of these houses; all, for an open shape. */
export function issuerFilters(families: ReadonlySet<string>): string[] {
  const open = families.has('ocsf') || families.has('ecs');
  return Object.entries(ISSUER_FILTERS).flatMap(([family, filters]) =>
    open || families.has(family) ? filters : [],
  );
}

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

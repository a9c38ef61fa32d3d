// What a house says about its keys and about whoever rotates them: the answer of `/api/v1/keys`, of
// `/api/v1/key-status`, or of the route that only the house's own watchdog may ask. It is the word of
// the house, no more: what it says is held against JWKS, log and journal.

import { refusal } from '../watcher-error.ts';

export const WATCHED_STATES = [
  'planned',
  'published',
  'active',
  'retiring',
  'retired',
  'revoked',
] as const;

export type WatchedState = (typeof WATCHED_STATES)[number];

const SHOWN: ReadonlySet<WatchedState> = new Set(['published', 'active', 'retiring']);

/** True for a key that must stand in the JWKS of its issuer. */
export function isShown({ state }: Pick<WatchedKey, 'state'>): boolean {
  return SHOWN.has(state);
}

export interface WatchedKey {
  readonly kid: string;
  readonly issuer: string;
  readonly state: WatchedState;
  readonly notBeforeSeconds: number;
  readonly notAfterSeconds: number;
  /** Signatures in the journal; undefined where the house does not say it to us. */
  readonly journalled?: number;
  /** Of those, since its signer was started. */
  readonly sinceStart?: number;
  /** Signatures that its custody made since then. */
  readonly made?: number;
}

/** What the rotator left behind when it last ran. */
export interface RotatorPulse {
  readonly lastTickMs: number;
  readonly nextTickMs: number;
  /** Why the last turn failed; undefined when it did not. */
  readonly failed?: string;
}

export interface HouseView {
  /** The clock of the house; undefined where it does not say. */
  readonly atMs: number | undefined;
  readonly rotator: RotatorPulse | undefined;
  readonly keys: readonly WatchedKey[];
  /** Issuers of which the house may hold keys that it does not list: ended ones of long ago. */
  readonly partly?: readonly string[];
}

/** Keys of one answer; a house has a handful for each issuer. */
const MOST_KEYS = 100_000;
const LONGEST_TEXT = 2048;
/** The public key status lists no more keys that have ended than these. */
const MOST_ENDED = 20;

type Members = Readonly<Record<string, unknown>>;

/**
 * Members that are not known are passed over: newer houses say more.
 * @throws CodedError `house_answer_malformed`
 */
export function parseHouseView(text: string): HouseView {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw refusal('house_answer_malformed', 'The answer about keys is not JSON.', { cause });
  }
  const keys = isMembers(body) ? body['keys'] : undefined;
  if (!isMembers(body) || !Array.isArray(keys) || keys.length > MOST_KEYS)
    throw refusal('house_answer_malformed', 'The answer has no list of keys.');
  const issuer = isText(body['issuer']) ? body['issuer'] : undefined;
  const read = keys.map((key) => readKey(key, issuer));
  const ended = read.filter(({ state }) => state === 'retired' || state === 'revoked').length;
  return {
    atMs: momentIn(body, 'atMs'),
    rotator: readPulse(body['rotator']),
    keys: read,
    partly: issuer !== undefined && ended >= MOST_ENDED ? [issuer] : [],
  };
}

function readKey(value: unknown, issuerOfAll: string | undefined): WatchedKey {
  if (!isMembers(value)) throw refusal('house_answer_malformed', 'A key is not an object.');
  const issuer = value['issuer'] ?? issuerOfAll;
  const { kid, state } = value;
  // What a signer said before it went away is older than what was seen of it since.
  const isAway = value['away'] === true;
  const counts = isMembers(value['counts']) && !isAway ? value['counts'] : {};
  const notBeforeSeconds = momentIn(value, 'notBeforeSeconds');
  const notAfterSeconds = momentIn(value, 'notAfterSeconds');
  if (
    !isText(kid) ||
    !isText(issuer) ||
    notBeforeSeconds === undefined ||
    notAfterSeconds === undefined ||
    !WATCHED_STATES.includes(state as WatchedState)
  )
    throw refusal('house_answer_malformed', 'A key lacks kid, issuer, state or its times.');
  return {
    ...{ kid, issuer, state: state as WatchedState, notBeforeSeconds, notAfterSeconds },
    ...countIn(counts, 'journalled'),
    ...countIn(counts, 'sinceStart'),
    ...countIn(counts, 'made'),
  };
}

function readPulse(value: unknown): RotatorPulse | undefined {
  if (!isMembers(value)) return undefined;
  const lastTickMs = momentIn(value, 'lastTickMs');
  const nextTickMs = momentIn(value, 'nextTickMs');
  if (lastTickMs === undefined || nextTickMs === undefined) return undefined;
  const { failed } = value;
  return { lastTickMs, nextTickMs, ...(isText(failed) ? { failed } : {}) };
}

function countIn(
  counts: Members,
  name: 'journalled' | 'sinceStart' | 'made',
): Partial<Pick<WatchedKey, 'journalled' | 'sinceStart' | 'made'>> {
  const value = counts[name];
  return Number.isSafeInteger(value) && (value as number) >= 0 ? { [name]: value } : {};
}

function momentIn(members: Members, name: string): number | undefined {
  const value = members[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_TEXT;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

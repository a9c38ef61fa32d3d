// The verifier feed as it was signed: what its issuer no longer stands by. Exactly the members we
// know, or the whole feed is refused: an unknown restriction must not be skipped.

import { readJson } from '../json/read-json.ts';
import { FeedRefusal } from './feed-refusal.ts';
import { ALL_REVOKED, type Revocations, readRevocations } from './read-revocations.ts';

export interface QuarantinedKey {
  issuer: string;
  kid: string;
  sinceMs: number;
  reason: string;
}

export interface VerifierFeed {
  /** Grows with every change, and never goes back. */
  number: number;
  /** When it was signed, in milliseconds. */
  issuedMs: number;
  quarantined: QuarantinedKey[];
  /** By origin of the log: which of its indexes are revoked. */
  revocations: ReadonlyMap<string, RevokedIn>;
  /** All it restricts, as text: two feeds of one number must agree in it. */
  substance: string;
}

/** The revoked indexes of one log, and their list as it was written; undefined for all indexes. */
export interface RevokedIn {
  list: string | undefined;
  revocations: Revocations;
}

export interface FeedLimits {
  /** Quarantined keys. Default 10,000. */
  maxQuarantined: number;
  /** Inflated revocation bitmaps of all logs together. Default 32 MiB: 268 million tokens. */
  maxBitmapBytes: number;
}

/** Logs of an issuer besides the one that signed the feed. */
const MOST_OTHER_LOGS = 31;
const FIRST_LINE = 'countersign/feed/v1';

type Members = Record<string, unknown>;

function malformed(what: string, cause?: unknown): FeedRefusal {
  return new FeedRefusal('feed_malformed', `The feed ${what}.`, cause);
}

/**
 * Parses the text of a feed whose signature was verified.
 * @param before the feed in force, whose inflated list is kept when it is the same
 * @throws FeedRefusal `feed_malformed`, `feed_of_other_log`
 */
export async function parseFeed(
  text: string,
  logOrigin: string,
  limits: FeedLimits,
  before?: VerifierFeed,
): Promise<VerifierFeed> {
  const [kind, origin, json = '', end, ...rest] = text.split('\n');
  if (kind !== FIRST_LINE) throw malformed('is of an unknown kind or version');
  if (end !== '' || rest.length > 0) throw malformed('does not have exactly three lines');
  if (origin !== logOrigin) {
    throw new FeedRefusal('feed_of_other_log', 'The feed is of another log.');
  }
  const body = readMembers(json);
  const number = readCount(body.number, 'number');
  const issuedMs = readCount(body.issuedMs, 'issuedMs');
  onlyMembers(body, ['number', 'issuedMs', 'quarantined', 'revoked', 'revokedIn']);
  const quarantined = readQuarantined(body.quarantined, limits.maxQuarantined);
  const lists = [...readLists(body, logOrigin)].sort((a, b) => (a.origin < b.origin ? -1 : 1));
  const revocations = await inflateLists(lists, limits.maxBitmapBytes, before);
  // Sorted by log: whichever log's key signed it, the same restrictions are the same substance.
  const told = lists.map(({ origin: log, firstIndex, list }) => [log, firstIndex, list]);
  const substance = JSON.stringify([quarantined, told]);
  return { number, issuedMs, quarantined, revocations, substance };
}

interface ListOfLog {
  origin: string;
  firstIndex: number;
  /** Undefined: no token of this log counts. */
  list: string | undefined;
}

/** `revoked` is of the log that signed, `revokedIn` of the others of the issuer. */
function readLists(body: Members, logOrigin: string): ListOfLog[] {
  const own = asMembers(body.revoked, 'revoked');
  const others = body.revokedIn ?? [];
  if (!Array.isArray(others) || others.length > MOST_OTHER_LOGS) {
    throw malformed(`has no list of at most ${MOST_OTHER_LOGS} further logs`);
  }
  const lists = others.map((item: unknown) => {
    const other = asMembers(item, 'list of a further log');
    const { origin, ...list } = other;
    return readList(readText(origin, 'origin'), list);
  });
  lists.unshift(readList(logOrigin, own));
  if (new Set(lists.map(({ origin }) => origin)).size !== lists.length) {
    throw malformed('names a log twice');
  }
  return lists;
}

/** Either the revoked indexes, or `all` of the log: what cannot be told one by one is not left out. */
function readList(origin: string, members: Members): ListOfLog {
  if (members.all === true) {
    onlyMembers(members, ['all']);
    return { origin, firstIndex: 0, list: undefined };
  }
  onlyMembers(members, ['firstIndex', 'lst']);
  const firstIndex = readCount(members.firstIndex, 'firstIndex');
  return { origin, firstIndex, list: readText(members.lst, 'lst') };
}

async function inflateLists(
  lists: readonly ListOfLog[],
  maxBytes: number,
  before: VerifierFeed | undefined,
): Promise<Map<string, RevokedIn>> {
  const inflated = new Map<string, RevokedIn>();
  let leftBytes = maxBytes;
  for (const { origin, firstIndex, list } of lists) {
    if (list === undefined) {
      inflated.set(origin, { list, revocations: ALL_REVOKED });
      continue;
    }
    // Most feeds repeat the last list; inflating it again each time would be for nothing.
    const known = before?.revocations.get(origin);
    const same = known?.list === list && known.revocations.firstIndex === firstIndex;
    const revocations = same
      ? known.revocations
      : await readRevocations(firstIndex, list, leftBytes);
    leftBytes -= Math.min(leftBytes, revocations.bitmap.length);
    inflated.set(origin, { list, revocations });
  }
  return inflated;
}

function readMembers(json: string): Members {
  let value: unknown;
  try {
    value = readJson(json);
  } catch (cause) {
    throw malformed('does not hold well-formed JSON', cause);
  }
  return asMembers(value, 'body');
}

function readQuarantined(value: unknown, most: number): QuarantinedKey[] {
  if (!Array.isArray(value) || value.length > most) {
    throw malformed(`has no list of at most ${most} quarantined keys`);
  }
  return value.map((item: unknown) => {
    const key = asMembers(item, 'quarantined key');
    onlyMembers(key, ['issuer', 'kid', 'sinceMs', 'reason']);
    return {
      issuer: readText(key.issuer, 'issuer'),
      kid: readText(key.kid, 'kid'),
      sinceMs: readCount(key.sinceMs, 'sinceMs'),
      reason: readText(key.reason, 'reason'),
    };
  });
}

function asMembers(value: unknown, name: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(`has a ${name} that is no JSON object`);
  }
  return value as Members;
}

function onlyMembers(value: Members, known: readonly string[]): void {
  if (Object.keys(value).some((member) => !known.includes(member))) {
    throw malformed('has a member that this verifier does not know');
  }
}

function readText(value: unknown, name: string): string {
  if (typeof value !== 'string') throw malformed(`has a ${name} that is no text`);
  return value;
}

function readCount(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw malformed(`has a ${name} that is no whole number`);
  }
  return value;
}

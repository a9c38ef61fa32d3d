// Reads a policy document strictly: an unknown member, a missing one or a wrong type refuses the
// whole document, because a misspelt rule that is silently skipped is a rule that is off.

import { FormatError } from '../format-error.ts';
import { readJson } from '../json/read-json.ts';
import { type NoteKey, parseVerifierKey } from '../note/verifier-key.ts';
import type { SignatureAlgorithm } from '../ports.ts';
import { isSameKey } from './meets-quorum.ts';
import { RecordReader } from './record-reader.ts';
import { MAX_TLOG_POLICY_LENGTH, parseTlogPolicy } from './tlog-policy.ts';
import type {
  FeedPolicy,
  IssuerPolicy,
  LogPolicy,
  ReceiptMode,
  ReceiptPolicy,
  VerifierPolicy,
} from './verifier-policy.ts';

/** Longest policy text, in UTF-16 units. */
export const MAX_POLICY_LENGTH = 1_000_000;
export const MAX_POLICY_ISSUERS = 1_000;
const MAX_LOGS = 16;
/** Feed keys besides the first: one for each further log. */
const MAX_FEED_KEYS = 31;
const MAX_STRICT_AUDIENCES = 1_000;
const MAX_START_KIDS = 10_000;
/** A token may live a day; an access token that lives longer is a password. */
const MAX_LIFETIME_SECONDS = 86_400;
const MAX_STALE_SECONDS = 86_400;
const MAX_KEY_AGE_SECONDS = 400 * 86_400;

const ALGORITHMS: readonly SignatureAlgorithm[] = ['ES256', 'EdDSA', 'RS256'];
const MODES: readonly ReceiptMode[] = ['required', 'report', 'off'];

/**
 * A policy from JSON text or from an object of the same form.
 * @throws FormatError `policy_malformed`, `tlog_policy_malformed`, `vkey_malformed`,
 *   `json_malformed`, `json_duplicate_member`
 */
export function parsePolicy(document: string | VerifierPolicy): VerifierPolicy {
  if (typeof document === 'string' && document.length > MAX_POLICY_LENGTH) {
    throw new FormatError('policy_malformed', 'The policy is longer than a million characters.');
  }
  const value = typeof document === 'string' ? readJson(document) : document;
  const reader = new RecordReader(value, 'policy');
  if (reader.number('version', 1, 1) !== 1) throw reader.wrong('version', 'must be 1');
  const issuers = reader.records('issuers', MAX_POLICY_ISSUERS).map(readIssuer);
  const feed = reader.optionalRecord('feed', readFeed);
  const reports = reader.optionalRecord('reports', (inner) => {
    const url = inner.url('url');
    inner.end();
    return { url };
  });
  reader.end();
  if (issuers.length === 0) throw reader.wrong('issuers', 'must name at least one issuer');
  if (new Set(issuers.map(({ issuer }) => issuer)).size !== issuers.length) {
    throw reader.wrong('issuers', 'must name each issuer once');
  }
  demandOneMeaning(issuers, reader);
  return {
    version: 1,
    issuers,
    ...(feed === undefined ? {} : { feed }),
    ...(reports === undefined ? {} : { reports }),
  };
}

/** Two issuers may share a log, but then they must mean the same one. */
function demandOneMeaning(issuers: IssuerPolicy[], reader: RecordReader): void {
  const known = new Map<string, string>();
  for (const log of issuers.flatMap(({ receipts }) => receipts.logs)) {
    const meaning = JSON.stringify(log);
    if ((known.get(log.origin) ?? meaning) !== meaning) {
      throw reader.wrong('issuers', 'must describe a log that several share in the same way');
    }
    known.set(log.origin, meaning);
  }
}

function readIssuer(reader: RecordReader): IssuerPolicy {
  const issuer = reader.text('issuer');
  const tenant = reader.optionalText('tenant');
  const population = reader.optionalText('population');
  const jwksUri = reader.url('jwksUri');
  const algorithms = reader.choices('algorithms', ALGORITHMS);
  const maxLifetimeSeconds = reader.record('maxLifetimeSeconds', (inner) => {
    const access = inner.number('access', 1, MAX_LIFETIME_SECONDS);
    const id = inner.number('id', 1, MAX_LIFETIME_SECONDS);
    inner.end();
    return { access, id };
  });
  const keyMaxAgeSeconds = reader.number('keyMaxAgeSeconds', 1, MAX_KEY_AGE_SECONDS);
  const receipts = reader.record('receipts', readReceipts);
  reader.end();
  return {
    issuer,
    ...(tenant === undefined ? {} : { tenant }),
    ...(population === undefined ? {} : { population }),
    jwksUri,
    algorithms,
    maxLifetimeSeconds,
    keyMaxAgeSeconds,
    receipts,
  };
}

function readReceipts(reader: RecordReader): ReceiptPolicy {
  const mode = reader.choice('mode', MODES);
  const logs = reader.records('logs', MAX_LOGS).map(readLog);
  const startByKid = reader.numbers('startByKid', MAX_START_KIDS);
  const keys = reader.optionalChoice('keys', MODES);
  const strictAudiences = reader.optionalTexts('strictAudiences', MAX_STRICT_AUDIENCES);
  reader.end();
  if ((mode !== 'off' || (keys ?? 'off') !== 'off') && logs.length === 0) {
    throw reader.wrong('logs', 'must name a log unless the mode is off');
  }
  if (strictAudiences !== undefined && mode !== 'required') {
    throw reader.wrong('strictAudiences', 'needs the mode required');
  }
  return {
    mode,
    logs,
    startByKid,
    ...(keys === undefined ? {} : { keys }),
    ...(strictAudiences === undefined ? {} : { strictAudiences }),
  };
}

function readLog(reader: RecordReader): LogPolicy {
  const origin = reader.text('origin');
  const receiptKey = reader.text('receiptKey');
  const checkpointKey = reader.text('checkpointKey');
  const url = reader.url('url');
  const witnesses = reader.optionalDocument('witnesses', MAX_TLOG_POLICY_LENGTH);
  reader.end();
  const receipt = parseVerifierKey(receiptKey);
  const checkpoint = parseVerifierKey(checkpointKey);
  if (receipt.purpose !== 'receipt' || receipt.name !== origin) {
    throw reader.wrong('receiptKey', 'must be a receipt key named by the origin');
  }
  if (checkpoint.purpose !== 'ed25519' || checkpoint.name !== origin) {
    throw reader.wrong('checkpointKey', 'must be an Ed25519 note key named by the origin');
  }
  if (witnesses !== undefined && !isPolicyOf(checkpoint, witnesses)) {
    throw reader.wrong('witnesses', 'must name this log by its checkpoint key, or no log at all');
  }
  const log = { origin, receiptKey, checkpointKey, url };
  return witnesses === undefined ? log : { ...log, witnesses };
}

function isPolicyOf(logKey: NoteKey, witnesses: string): boolean {
  const { logs } = parseTlogPolicy(witnesses);
  return logs.length === 0 || logs.some(({ key }) => isSameKey(key, logKey));
}

function readFeed(reader: RecordReader): FeedPolicy {
  const url = reader.url('url');
  const key = reader.text('key');
  const otherKeys = reader.optionalTexts('otherKeys', MAX_FEED_KEYS);
  const maxStaleSeconds = reader.number('maxStaleSeconds', 1, MAX_STALE_SECONDS);
  reader.end();
  for (const [name, vkeys] of [
    ['key', [key]],
    ['otherKeys', otherKeys ?? []],
  ] as const) {
    if (vkeys.some((vkey) => parseVerifierKey(vkey).purpose !== 'ed25519')) {
      throw reader.wrong(name, 'must be an Ed25519 note key');
    }
  }
  return { url, key, maxStaleSeconds, ...(otherKeys === undefined ? {} : { otherKeys }) };
}

// Goes through every entry of a log and picks the tenant's tokens out. What it finds counts only once
// the whole is proven: see `readThrough`.

import {
  decodeLogEntry,
  encodeHex,
  FormatError,
  type LeafType,
  type LogEntry,
  recogniseLeaves,
  type TenantTagKey,
} from '@countersign/verifier';
import { readThrough } from '@countersign/watchers';
import type { KnownLog } from './read-checkpoint.ts';

/** One token of the tenant, as its leaf says it. */
export interface TokenLine {
  index: number;
  issuedMs: number;
  type: LeafType;
  expiresAtSeconds: number;
  /** The instance that issued it. */
  instance: string;
  /** Hex: the same for all tokens of a person on a day. */
  userTag: string;
}

export interface Wanted {
  /** First entry looked at. */
  from: number;
  issuedMs?: { from: number; to: number };
  user?: string;
}

/** Of the entries that were looked at. */
export interface EntryCounts {
  /** Tokens of the tenant that were wanted. */
  found: number;
  /** Tokens of the tenant that were not. */
  passedOver: number;
  /** Tokens with tags that this key does not recognise: other tenants'. */
  others: number;
  /** Tokens without tags. */
  untagged: number;
  /** Events in the life of keys. */
  keyEvents: number;
  /** Anchors of audit trails. */
  anchors: number;
  /** Entries of a form that this version does not know; no verifier accepts a token for one. */
  unknown: number;
}

export interface ListingRequest {
  log: KnownLog;
  tagKey: TenantTagKey;
  wanted: Wanted;
  onToken(token: TokenLine): void;
  onProgress(done: number, total: number): void;
}

/** @throws CodedError `log_unproven`; as LogReader */
export async function listTenantTokens(request: ListingRequest): Promise<EntryCounts> {
  const { log, tagKey, wanted, onToken, onProgress } = request;
  const reader = recogniseLeaves(tagKey);
  const counts = {
    found: 0,
    passedOver: 0,
    others: 0,
    untagged: 0,
    keyEvents: 0,
    anchors: 0,
    unknown: 0,
  };
  const judge = (entry: LogEntry | undefined, index: number): keyof EntryCounts => {
    if (entry === undefined) return 'unknown';
    if (entry.kind === 'key') return 'keyEvents';
    if (entry.kind === 'anchor') return 'anchors';
    if (entry.tags === undefined) return 'untagged';
    const instance = reader.recognise(entry);
    if (instance === undefined) return 'others';
    const { issuedMs, type, expiresAtSeconds, tags } = entry;
    if (!isWithin(issuedMs, wanted.issuedMs)) return 'passedOver';
    if (wanted.user !== undefined && !reader.isOf(entry, wanted.user)) return 'passedOver';
    const userTag = encodeHex(tags.user);
    onToken({ index, issuedMs, type, expiresAtSeconds, instance, userTag });
    return 'found';
  };
  await readThrough({
    reader: log.reader,
    checkpoint: log,
    from: wanted.from,
    onEntry: (bytes, index) => {
      counts[judge(read(bytes), index)] += 1;
    },
    onProgress,
  });
  return counts;
}

function read(bytes: Uint8Array): LogEntry | undefined {
  try {
    return decodeLogEntry(bytes);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function isWithin(timeMs: number, span: Wanted['issuedMs']): boolean {
  return span === undefined || (timeMs >= span.from && timeMs < span.to);
}

// What a monitor looks for in the entries of a log. A check sees every entry once it is proven to be
// in the signed tree; after a crash it may see some again.

import {
  decodeLogEntry,
  encodeHex,
  FormatError,
  hashIssuer,
  type KeyEntry,
  type LogEntry,
} from '@countersign/verifier';
import type { MonitorAlarm } from './monitor-alarm.ts';
import type { SeenEntry } from './read-entries.ts';

export interface EntryCheck {
  /** Alarms that these entries give reason for; kept even if the process dies right after. */
  see(entries: readonly SeenEntry[]): Promise<MonitorAlarm[]>;
}

/** An entry that tells of an issuer's key. */
export interface SeenKey extends KeyEntry {
  readonly index: number;
}

export interface KnownKeys {
  /** Issuers whose keys are known; key entries of others say nothing here. */
  issuers: readonly string[];
  /** JWK thumbprints (RFC 7638, SHA-256) in lower-case hex. */
  thumbprints: ReadonlySet<string>;
}

/** The key entry in these bytes; undefined for tokens and for entries of logs that are not ours. */
export function readKeyEntry({ index, entry }: SeenEntry): SeenKey | undefined {
  const decoded = readLogEntry(entry);
  return decoded?.kind === 'key' ? { ...decoded, index } : undefined;
}

/** True for an entry that anchors audit trails. */
export function isAnchor({ entry }: SeenEntry): boolean {
  return readLogEntry(entry)?.kind === 'anchor';
}

function readLogEntry(entry: Uint8Array): LogEntry | undefined {
  try {
    return decodeLogEntry(entry);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** Alarms for every key that is logged for one of these issuers and that they do not know. */
export function checkKeys({ issuers, thumbprints }: KnownKeys): EntryCheck {
  const names = new Map(issuers.map((issuer) => [encodeHex(hashIssuer(issuer)), issuer]));
  return {
    see: async (entries) =>
      entries.flatMap((seen) => {
        const key = readKeyEntry(seen);
        const issuer = key && names.get(encodeHex(key.issuerHash));
        if (key === undefined || issuer === undefined) return [];
        const thumbprint = encodeHex(key.thumbprint);
        if (thumbprints.has(thumbprint)) return [];
        const message = 'The log holds a key of this issuer that the issuer does not know.';
        const facts = { index: key.index, issuer, kid: key.kid, thumbprint };
        return [{ code: 'key_unknown', message, facts }];
      }),
  };
}

export interface LeafRecords {
  /** True for an entry that is the caller's: by its tag, or because the whole log is. */
  isMine(seen: SeenEntry): boolean | Promise<boolean>;
  /** The leaf hash (lower-case hex) recorded for this index; undefined when nothing is. */
  recordedAt(index: number): string | undefined | Promise<string | undefined>;
}

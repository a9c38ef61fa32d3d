// An imported record as a row: its map's OCSF, and over it what only the recorder knows. What a stranger
// wrote is never taken for ours: the name has a colon, which no name of ours has, and
// `unmapped.countersign` is set here whatever the record brought.

import { hash } from 'node:crypto';
import type { ActivityFacts } from '@countersign/vocabulary';
import { OCSF_VERSION } from '../ocsf/class-kinds.ts';
import { EXTENSION_VERSION } from '../ocsf/describe-extension.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import type { Row } from '../store/ready-insert.ts';
import { eventText } from './event-text.ts';
import { importKey, uidOfImport } from './import-key.ts';
import type { ImportedRecord } from './imported-record.ts';

/** Characters of raw text and of all the rest: a page of events and the pipe to the archive hold them. */
const LONGEST_RAW = 768 * 1024;
const LONGEST_REST = 256 * 1024;
const MOST_ITEMS = 500;
const LONGEST_NAME = 128;
/** What is further ahead is not a clock that runs fast, but one that is wrong. */
const FUTURE_MS = 86_400_000;
/** Year 9999. */
const LAST_MS = 253_402_300_799_999;

export interface ImportedRow {
  key: Buffer;
  row: Row<'event'>;
  /** Milliseconds ahead of our clock, when that is more than a day; else 0. */
  aheadMs: number;
  truncated: boolean;
  /** False when the map's event could not be written, or the map did not know it. */
  mapped: boolean;
}

export function describeImported(
  room: AuditRoom,
  tenant: string,
  record: ImportedRecord,
): ImportedRow {
  const loggedMs = room.clock.nowMs();
  const saidMs = isMoment(record.timeMs) ? record.timeMs : 0;
  const key = importKey(record.source, tenant, record.key, saidMs);
  const timeMs = saidMs === 0 ? loggedMs : saidMs;
  const uid = uidOfImport(key);
  const { ocsf, facts, json, truncated } = write(record, { uid, loggedMs, tenant, timeMs });
  return {
    key,
    aheadMs: timeMs > loggedMs + FUTURE_MS ? timeMs - loggedMs : 0,
    truncated,
    mapped: record.recognised && ocsf['class_uid'] !== 0,
    row: {
      ...NOTHING_OF_OURS,
      uid,
      tenant,
      time_ms: timeMs,
      class_uid: numberOf(ocsf['class_uid']),
      type_uid: numberOf(ocsf['type_uid']),
      name: nameOfImport(record.source, facts.operation),
      severity_id: numberOf(ocsf['severity_id']),
      ocsf: json,
      source: record.source,
      salt: room.salts.next(),
    },
  };
}

export function nameOfImport(source: string, operation: string): string {
  return `${source}:${operation}`.slice(0, LONGEST_NAME).toWellFormed();
}

/** A stranger's sessions, persons and tokens are in the text; these columns speak of ours. */
const NOTHING_OF_OURS = {
  ...{ realm: null, subject: null, client_id: null, session_id: null, kid: null },
  ...{ token_hash: null, log_index: null, root_auth_id: null, caused_by: null },
};

type Mapped = Pick<ImportedRecord, 'ocsf' | 'facts'>;

interface Stamp {
  uid: string;
  loggedMs: number;
  tenant: string;
  timeMs: number;
}

/** What is told of the record's own text, all of it. */
interface WholeText {
  /** SHA-256, hex. */
  hash: string;
  /** When only its beginning is kept. */
  bytes?: number;
}

interface Written extends Mapped {
  json: string;
  truncated: boolean;
}

function write(record: ImportedRecord, stamp: Stamp): Written {
  const { text, source } = record;
  const raw = cutRaw(text);
  const truncated = raw.length < text.length;
  const whole: WholeText = {
    hash: hash('sha256', text, 'hex'),
    ...(truncated ? { bytes: Buffer.byteLength(text) } : {}),
  };
  for (const shape of [asMapped, shortened]) {
    const mapped = shape(record);
    try {
      const event = complete(mapped, source, stamp, whole);
      const json = eventText(event, mapped.ocsf['unmapped'], raw);
      if (json.length - 2 * raw.length <= LONGEST_REST) return { ...mapped, json, truncated };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  const mapped = unknownOf(record);
  const event = complete(mapped, source, stamp, whole);
  const json = eventText(event, mapped.ocsf['unmapped'], raw);
  return { ...mapped, json, truncated };
}

/** A control character is written as six: what is cut here is what the pipe could not carry. */
function cutRaw(text: string): string {
  let raw = text.slice(0, LONGEST_RAW);
  while (raw.length > LONGEST_RAW / 3 && JSON.stringify(raw).length > 2 * LONGEST_RAW + 2) {
    raw = raw.slice(0, Math.ceil(raw.length / 2));
  }
  return raw;
}

function complete(
  { ocsf, facts }: Mapped,
  source: string,
  { uid, loggedMs, tenant, timeMs }: Stamp,
  whole: WholeText,
): Record<string, unknown> {
  return {
    ...ocsf,
    metadata: {
      ...asObject(ocsf['metadata']),
      is_truncated: whole.bytes === undefined ? undefined : true,
      logged_time: loggedMs,
      tenant_uid: tenant,
      uid,
      untruncated_size: whole.bytes,
    },
    raw_data: undefined,
    raw_data_hash: { algorithm: 'SHA-256', algorithm_id: 3, value: whole.hash },
    time: timeMs,
    unmapped: {
      ...asObject(ocsf['unmapped']),
      countersign: {
        activity: facts,
        event: nameOfImport(source, facts.operation),
        source,
        v: EXTENSION_VERSION,
      },
    },
  };
}

function asMapped({ ocsf, facts }: ImportedRecord): Mapped {
  return { ocsf, facts };
}

/** Without what the map did not know, and with the first items only; the raw text has them all. */
function shortened({ ocsf, facts }: ImportedRecord): Mapped {
  return {
    ocsf: { ...ocsf, unmapped: undefined },
    facts: {
      ...facts,
      ...(facts.items === undefined || facts.items.length <= MOST_ITEMS
        ? {}
        : { items: facts.items.slice(0, MOST_ITEMS), itemsComplete: false, gap: 'truncated' }),
    },
  };
}

/** What cannot be written as its map says is kept as a record of no class. */
function unknownOf({ facts }: ImportedRecord): Mapped {
  const operation = facts.operation.slice(0, LONGEST_NAME);
  const short: ActivityFacts = { kind: 'other', outcome: 'unknown', operation };
  return {
    facts: short,
    ocsf: {
      activity_id: 0,
      category_uid: 0,
      class_uid: 0,
      message: 'A record that could not be written as an event of its kind, kept as it came.',
      metadata: { event_code: operation, product: { name: 'unknown' }, version: OCSF_VERSION },
      severity_id: 0,
      type_uid: 0,
    },
  };
}

function isMoment(timeMs: number): boolean {
  return Number.isSafeInteger(timeMs) && timeMs > 0 && timeMs <= LAST_MS;
}

function numberOf(value: unknown): number {
  return Number.isSafeInteger(value) ? (value as number) : 0;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

// Records to import: the committed fixtures of each source, many times over, each time with an id of
// its own, in the order of time, a record a line.

import { readFileSync } from 'node:fs';

type Json = Record<string, unknown>;

export interface RecordMix {
  source: string;
  /** NDJSON in UTF-8. */
  bytes: Buffer;
  records: number;
}

const FIXTURES = new URL('../../../packages/sources/fixtures/', import.meta.url);

/** Gives a copy of a fixture an id and a moment of its own. */
type Stamp = (record: Json, id: string, at: Date) => void;

const SOURCES: readonly [source: string, file: string, stamp: Stamp][] = [
  [
    'Microsoft 365',
    'microsoft-365/records.ndjson',
    (record, id, at) =>
      Object.assign(record, { Id: id, CreationTime: at.toISOString().slice(0, 19) }),
  ],
  ['Entra sign-ins', 'entra/sign-ins-diagnostic.ndjson', stampEntra],
  [
    'Okta',
    'okta/system-log.ndjson',
    (record, id, at) => Object.assign(record, { uuid: id, published: at.toISOString() }),
  ],
  [
    'CloudTrail',
    'cloudtrail/records.json',
    (record, id, at) =>
      Object.assign(record, { eventID: id, eventTime: `${at.toISOString().slice(0, 19)}Z` }),
  ],
  ['Google Workspace', 'google/normalised.ndjson', stampActivity],
  [
    'Keycloak',
    'keycloak/events.json',
    (record, id, at) => Object.assign(record, { id, time: at.getTime() }),
  ],
];

const FIRST_MS = Date.UTC(2026, 10, 2);
/** A house of some thousand people. */
const STEP_MS = 37;

/**
 * In the order of time, as logs are written; the fixtures alone would be some forty moments again and again.
 * @param records of each source
 */
export function mixRecords(records: number): RecordMix[] {
  return SOURCES.map(([source, file, stamp]) => {
    const written = readFixture(file);
    const lines = Array.from({ length: records }, (_, at) => {
      const record = structuredClone(written[at % written.length] ?? {});
      const id = `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
      stamp(record, id, new Date(FIRST_MS + at * STEP_MS));
      return JSON.stringify(record);
    });
    return { source, records, bytes: Buffer.from(`${lines.join('\n')}\n`) };
  });
}

function readFixture(file: string): Json[] {
  const text = readFileSync(new URL(file, FIXTURES), 'utf8');
  if (file.endsWith('.ndjson')) {
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Json);
  }
  const whole = JSON.parse(text) as Json[] | { Records: Json[] };
  return Array.isArray(whole) ? whole : whole.Records;
}

function stampEntra(record: Json, id: string, at: Date): void {
  const time = at.toISOString();
  record['time'] = time;
  record['properties'] = { ...(record['properties'] as Json), id, createdDateTime: time };
}

function stampActivity(record: Json, id: string, at: Date): void {
  const time = at.toISOString();
  record['id'] = { ...(record['id'] as Json), uniqueQualifier: id, time };
}

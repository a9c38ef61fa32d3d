// Records to import: the committed fixtures of each source, many times over, each time with an id of
// its own, a record a line.

import { readFileSync } from 'node:fs';

type Json = Record<string, unknown>;

export interface RecordMix {
  source: string;
  /** NDJSON in UTF-8. */
  bytes: Buffer;
  records: number;
}

const FIXTURES = new URL('../../../packages/sources/fixtures/', import.meta.url);

const SOURCES: readonly [source: string, file: string, name: (record: Json, id: string) => void][] =
  [
    [
      'Microsoft 365',
      'microsoft-365/records.ndjson',
      (record, id) => Object.assign(record, { Id: id }),
    ],
    ['Entra sign-ins', 'entra/sign-ins-diagnostic.ndjson', nameEntra],
    ['Okta', 'okta/system-log.ndjson', (record, id) => Object.assign(record, { uuid: id })],
    [
      'CloudTrail',
      'cloudtrail/records.json',
      (record, id) => Object.assign(record, { eventID: id }),
    ],
    ['Google Workspace', 'google/normalised.ndjson', nameActivity],
    ['Keycloak', 'keycloak/events.json', (record, id) => Object.assign(record, { id })],
  ];

/** @param records of each source */
export function mixRecords(records: number): RecordMix[] {
  return SOURCES.map(([source, file, name]) => {
    const written = readFixture(file);
    const lines = Array.from({ length: records }, (_, at) => {
      const record = structuredClone(written[at % written.length] ?? {});
      name(record, `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`);
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

function nameEntra(record: Json, id: string): void {
  record['properties'] = { ...(record['properties'] as Json), id };
}

function nameActivity(record: Json, id: string): void {
  record['id'] = { ...(record['id'] as Json), uniqueQualifier: id };
}

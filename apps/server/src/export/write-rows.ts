// Events as lines: NDJSON, or CSV (RFC 4180) for spreadsheets. A cell that a spreadsheet would run as a
// formula is written as text: whoever names an app `=HYPERLINK(…)` must not run it at a reader's desk.

import type { StreamedFormat } from './export-request.ts';
import type { ShapedEvent } from './shape-event.ts';

type Json = Record<string, unknown>;

export interface RowWriter {
  contentType: string;
  /** Written once, before the first row; nothing when an export goes on where another was cut. */
  head: string;
  row(event: ShapedEvent): string;
}

const CSV_COLUMNS: readonly (readonly [string, (event: ShapedEvent, ours: Json) => unknown])[] = [
  ['number', ({ number }) => number],
  ['time', ({ ocsf }) => spellTime(ocsf['time'])],
  ['logged_time', ({ ocsf }) => spellTime(memberOf(ocsf, 'metadata', 'logged_time'))],
  ['event', (_, ours) => ours['event']],
  ['class_uid', ({ ocsf }) => ocsf['class_uid']],
  ['activity', ({ ocsf }) => ocsf['activity_name']],
  ['severity', ({ ocsf }) => ocsf['severity']],
  ['status', ({ ocsf }) => ocsf['status']],
  ['reason', ({ ocsf }, ours) => ours['reason'] ?? ocsf['status_detail']],
  ['message', ({ ocsf }) => ocsf['message']],
  ['realm', (_, ours) => ours['realm']],
  ['subject', ({ ocsf }, ours) => ours['sub'] ?? memberOf(ocsf, 'user', 'uid')],
  ['client', (_, ours) => ours['client_id']],
  ['actor', (_, ours) => memberOf(ours, 'actor', 'id')],
  ['operation', ({ ocsf }, ours) => ours['operation'] ?? memberOf(ocsf, 'api', 'operation')],
  ['item', (_, ours) => memberOf(ours, 'item', 'id')],
  ['count', (_, ours) => ours['count']],
  ['session', ({ ocsf }) => memberOf(ocsf, 'session', 'uid')],
  ['ip', ({ ocsf }) => memberOf(ocsf, 'src_endpoint', 'ip')],
  ['user_agent', ({ ocsf }) => memberOf(ocsf, 'http_request', 'user_agent')],
  ['kid', (_, ours) => ours['kid']],
  ['jti_hash', (_, ours) => ours['jti_hash']],
  ['uid', ({ ocsf }) => memberOf(ocsf, 'metadata', 'uid')],
  ['leaf', (_, ours) => memberOf(ours, 'integrity', 'leaf')],
  // Nothing is lost in a table: the whole event is its last cell.
  ['ocsf', ({ ocsf }) => JSON.stringify(ocsf)],
];

export function openRows(format: StreamedFormat): RowWriter {
  if (format === 'ndjson') {
    return {
      contentType: 'application/x-ndjson',
      head: '',
      row: ({ ocsf }) => `${JSON.stringify(ocsf)}\n`,
    };
  }
  return {
    contentType: 'text/csv; charset=utf-8; header=present',
    head: `${CSV_COLUMNS.map(([name]) => name).join(',')}\r\n`,
    row: (event) => {
      const ours = partOf(partOf(event.ocsf['unmapped'])['countersign']);
      return `${CSV_COLUMNS.map(([, read]) => csvCell(read(event, ours))).join(',')}\r\n`;
    },
  };
}

/** What spreadsheets take for the beginning of a formula, after any space. */
const FORMULA = /^[\s\u00a0\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u;

/** One cell: quoted where it must be, and never a formula. */
export function csvCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function spellTime(ms: unknown): string | undefined {
  return typeof ms === 'number' && Math.abs(ms) <= 8_640_000_000_000_000
    ? new Date(ms).toISOString()
    : undefined;
}

function memberOf(value: Json, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((part, name) => partOf(part)[name], value);
}

function partOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

// The answer of a scan, for people and for programs. It says where and what, and never the secret.

import type { Answer } from '../answer/answer.ts';
import { drawTable } from '../terminal/draw-table.ts';
import type { Paint } from '../terminal/paint.ts';
import { printable } from '../terminal/paint.ts';
import type { ScanOutcome } from './scan-inputs.ts';

const MOST_ROWS = 200;

/** @param gate unread is as bad as found */
export function describeScan(outcome: ScanOutcome, { gate = false }: { gate?: boolean }): Answer {
  const { files, bytes, finds, unread, unlisted, redacted, notRedacted } = outcome;
  const ok = finds.length === 0 && (!gate || unread.length === 0) && notRedacted === undefined;
  return {
    ok,
    json: {
      command: 'keys scan',
      ok,
      files,
      bytes,
      finds: finds.map(({ path, container, offset, length, kind, kid, what }) => ({
        path,
        container,
        offset,
        length,
        kind,
        kid: kid ?? null,
        what,
      })),
      findsUnlisted: unlisted,
      unread: unread.map(({ path, container, reason, what }) => ({
        path,
        container,
        reason,
        what,
      })),
      redacted: redacted ?? null,
      notRedacted: notRedacted ?? null,
    },
    lines: ({ paint, columns }) => [
      ...drawFinds(outcome, paint, columns),
      ...drawUnread(outcome, paint, columns),
      `  ${verdict(outcome, paint)}  ${count(files, 'input')}, ${(bytes / 1e6).toFixed(1)} MB`,
      ...(redacted === undefined ? [] : [`  The copy without them: ${printable(redacted)}`]),
      ...(notRedacted === undefined ? [] : [`  ${paint.bad('no copy written')}  ${notRedacted}`]),
    ],
  };
}

function verdict({ finds, unread, unlisted }: ScanOutcome, paint: Paint): string {
  const found = finds.length + unlisted;
  if (found > 0) return paint.bad(`${count(found, 'private key')} found`);
  return unread.length > 0 ? paint.warn('nothing found in what was read') : paint.good('clean');
}

function drawFinds({ finds }: ScanOutcome, paint: Paint, columns: number): string[] {
  if (finds.length === 0) return [];
  const rows = finds
    .slice(0, MOST_ROWS)
    .map((find) => [
      String(find.offset),
      String(find.length),
      find.kind,
      printable(find.kid ?? ''),
      printable(`${placeOf(find)}: ${find.what}`),
    ]);
  return [
    ...drawTable(
      [
        { title: 'offset', align: 'right' },
        { title: 'bytes', align: 'right' },
        { title: 'kind' },
        { title: 'kid' },
        { title: 'where and what', flexible: true },
      ],
      rows,
      paint,
      columns,
    ),
    ...omitted(finds.length),
    '',
  ];
}

function drawUnread({ unread }: ScanOutcome, paint: Paint, columns: number): string[] {
  if (unread.length === 0) return [];
  const rows = unread
    .slice(0, MOST_ROWS)
    .map((one) => [one.reason, printable(`${placeOf(one)}: ${one.what}`)]);
  return [
    ...drawTable(
      [{ title: 'not read' }, { title: 'where and what', flexible: true }],
      rows,
      paint,
      columns,
    ),
    ...omitted(unread.length),
    '',
  ];
}

function omitted(length: number): string[] {
  return length > MOST_ROWS ? [`  … and ${length - MOST_ROWS} more (--json lists them)`] : [];
}

function placeOf({ path, container }: { path: string; container: readonly string[] }): string {
  return [path === '-' ? 'standard input' : path, ...container].join(' › ');
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

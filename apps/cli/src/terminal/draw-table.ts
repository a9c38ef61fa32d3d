// Tables of plain columns under a rule: readable in a terminal, in a log and in a pasted message.

import { type Paint, widthOf, wrap } from './paint.ts';

export interface TableColumn {
  title: string;
  align?: 'left' | 'right';
  /** One column may take what is left of the line, and wraps. */
  flexible?: boolean;
}

const GAP = 2;
const INDENT = '  ';
const NARROWEST_FLEXIBLE = 24;

/** The lines of a table. Cells may be painted, but a flexible cell must be plain. */
export function drawTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  paint: Paint,
  width: number,
): string[] {
  const natural = columns.map((column, at) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(row[at] ?? ''))),
  );
  const gaps = GAP * (columns.length - 1);
  const fixed = natural.reduce((sum, size, at) => sum + (columns[at]?.flexible ? 0 : size), 0);
  const room = Math.max(NARROWEST_FLEXIBLE, width - INDENT.length - gaps - fixed);
  const sizes = natural.map((size, at) => (columns[at]?.flexible ? Math.min(size, room) : size));
  const total = sizes.reduce((sum, size) => sum + size, gaps);
  return [
    ...drawRow(
      columns,
      columns.map(({ title }) => title.toUpperCase()),
      sizes,
    ).map(paint.faint),
    paint.faint(INDENT + '─'.repeat(total)),
    ...rows.flatMap((row) => drawRow(columns, row, sizes)),
  ];
}

function drawRow(
  columns: readonly TableColumn[],
  cells: readonly string[],
  sizes: readonly number[],
): string[] {
  const wrapped = columns.map((column, at) =>
    column.flexible ? wrap(cells[at] ?? '', sizes[at] ?? 0) : [cells[at] ?? ''],
  );
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    (
      INDENT +
      columns
        .map((column, at) => pad(wrapped[at]?.[line] ?? '', sizes[at] ?? 0, column.align))
        .join(' '.repeat(GAP))
    ).trimEnd(),
  );
}

function pad(text: string, size: number, align: TableColumn['align']): string {
  const space = ' '.repeat(Math.max(0, size - widthOf(text)));
  return align === 'right' ? space + text : text + space;
}

// `docs/sources.md`: prose by hand, and between marks the documented map of each source, printed from what
// the maps declare. Run this file to write the tables anew; a test holds the page to it.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ALL_SOURCES } from './all-sources.ts';
import type { FieldNote } from './map-record.ts';

export const SOURCE_PAGE = fileURLToPath(new URL('../../../docs/sources.md', import.meta.url));

/** The page with its tables as they should be; a source that has no place in it gets none. */
export function renderSourcePage(page: string): string {
  return ALL_SOURCES.reduce((text, { name, fields }) => {
    const [begin, end] = [`<!-- fields: ${name} -->`, '<!-- end -->'];
    const at = text.indexOf(begin);
    const to = text.indexOf(end, at);
    if (at < 0 || to < 0) return text;
    return `${text.slice(0, at)}${begin}\n\n${drawFields(fields)}\n\n${text.slice(to)}`;
  }, page);
}

function drawFields(fields: readonly FieldNote[]): string {
  const rows = fields.map(
    ({ from, to, note }) => `| ${asCode(from)} | ${asCode(to)} | ${escapeCell(note ?? '')} |`,
  );
  return ['| field | becomes | notes |', '|---|---|---|', ...rows].join('\n');
}

/** Paths are code, words between them are not. */
function asCode(paths: string): string {
  return paths
    .split(', ')
    .map((path) =>
      /^[\w@.:[\]*|=$/-]+$/.test(path) && path !== '–'
        ? `\`${escapeCell(path)}\``
        : escapeCell(path),
    )
    .join(', ');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (import.meta.main) {
  writeFileSync(SOURCE_PAGE, renderSourcePage(readFileSync(SOURCE_PAGE, 'utf8')));
}

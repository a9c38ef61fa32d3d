// Sources for a person: which are read, up to when, and what each that is not needs.

import type { Page } from '../../answer/answer.ts';
import { isObject, type JsonObject, momentIn, textIn } from '../../http/read-member.ts';
import { drawTable } from '../../terminal/draw-table.ts';
import { type Paint, printable } from '../../terminal/paint.ts';

export function drawSources(sources: readonly JsonObject[], { paint, columns }: Page): string[] {
  if (sources.length === 0) {
    return ['  No log of another house is read; countersign audit sources add --help.'];
  }
  const rows = sources.map((source) => [
    printable(nameOf(source)),
    printable(kindOf(source)),
    momentIn(source, 'watermarkMs'),
    textIn(source, 'records'),
    stateOf(source, paint),
  ]);
  const titles = ['source', 'kind', 'read up to', 'records', 'state'];
  const table = drawTable(
    titles.map((title) => ({ title, align: title === 'records' ? 'right' : 'left' })),
    rows,
    paint,
    columns,
  );
  const wrong = sources.flatMap((source) => {
    const { error } = source;
    if (!isObject(error)) return [];
    const next = `next try ${momentIn(source, 'nextMs')}`;
    return [`  ${printable(nameOf(source))}: ${printable(textIn(error, 'message'))} (${next})`];
  });
  return wrong.length === 0 ? table : [...table, '', ...wrong];
}

export function drawSource(source: JsonObject, { paint }: Page): string[] {
  return [
    `  ${paint.strong(printable(nameOf(source)))}  ${printable(kindOf(source))}, ${stateOf(source, paint)}`,
    `  read up to ${momentIn(source, 'watermarkMs')}, next turn ${momentIn(source, 'nextMs')}`,
  ];
}

function stateOf(source: JsonObject, paint: Paint): string {
  if (source['enabled'] !== true) return paint.faint('paused');
  if (isObject(source['error'])) return paint.bad(printable(textIn(source['error'], 'code')));
  return source['lastGoodMs'] === null ? 'not read yet' : paint.good('read');
}

function nameOf(source: JsonObject): string {
  return `${textIn(source, 'tenant')}/${textIn(source, 'name')}`;
}

function kindOf(source: JsonObject): string {
  const { settings } = source;
  return isObject(settings) ? textIn(settings, 'kind') : '-';
}

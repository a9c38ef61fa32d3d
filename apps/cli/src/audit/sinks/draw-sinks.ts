// Sinks for a person: which are served, how far, and what each that is not needs.

import type { Page } from '../../answer/answer.ts';
import { isObject, type JsonObject, momentIn, textIn } from '../../http/read-member.ts';
import { drawTable } from '../../terminal/draw-table.ts';
import { type Paint, printable } from '../../terminal/paint.ts';

export function drawSinks(sinks: readonly JsonObject[], { paint, columns }: Page): string[] {
  if (sinks.length === 0) return ['  No log is sent anywhere; countersign audit sinks add --help.'];
  const table = drawTable(
    [
      { title: 'sink' },
      { title: 'kind' },
      { title: 'delivered', align: 'right' },
      { title: 'set aside', align: 'right' },
      { title: 'last taken' },
      { title: 'state' },
    ],
    sinks.map((sink) => [
      printable(nameOf(sink)),
      printable(kindOf(sink)),
      textIn(sink, 'delivered'),
      textIn(sink, 'setAside'),
      momentIn(sink, 'lastGoodMs'),
      stateOf(sink, paint),
    ]),
    paint,
    columns,
  );
  const wrong = sinks.flatMap((sink) => {
    const { error } = sink;
    if (!isObject(error)) return [];
    const next = `next try ${momentIn(sink, 'nextMs')}`;
    return [`  ${printable(nameOf(sink))}: ${printable(textIn(error, 'message'))} (${next})`];
  });
  return wrong.length === 0 ? table : [...table, '', ...wrong];
}

export function drawSink(sink: JsonObject, { paint }: Page): string[] {
  const { webhookKey, waiting } = sink;
  return [
    `  ${paint.strong(printable(nameOf(sink)))}  ${printable(kindOf(sink))}, ${stateOf(sink, paint)}`,
    `  ${textIn(sink, 'delivered')} events delivered, ${textIn(sink, 'setAside')} set aside${typeof waiting === 'number' ? `, ${waiting} wait` : ''}`,
    ...(typeof webhookKey === 'string'
      ? ['', `  ${printable(webhookKey)}`, '  The key that checks its signatures: shown this once.']
      : []),
  ];
}

function stateOf(sink: JsonObject, paint: Paint): string {
  if (sink['enabled'] !== true) return paint.faint('paused');
  if (isObject(sink['error'])) return paint.bad(printable(textIn(sink['error'], 'code')));
  return sink['lastGoodMs'] === null ? 'nothing sent yet' : paint.good('served');
}

function nameOf(sink: JsonObject): string {
  return `${textIn(sink, 'tenant')}/${textIn(sink, 'name')}`;
}

function kindOf(sink: JsonObject): string {
  const { settings } = sink;
  return isObject(settings) ? textIn(settings, 'kind') : '-';
}

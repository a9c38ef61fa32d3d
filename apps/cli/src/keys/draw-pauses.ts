// Pauses of rotation for a person: who, why, until when, and what to type next.

import type { Page } from '../answer/answer.ts';
import { type JsonObject, momentIn, textIn } from '../http/read-member.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { printable } from '../terminal/paint.ts';

const NEXT: Readonly<Record<string, (id: string) => string>> = {
  proposed: (id) => `Now somebody else: countersign keys pause approve ${id} --token-file FILE`,
  running: (id) => `Rotation is held back. To end it early: countersign keys pause end ${id}`,
};

export function drawPause(pause: JsonObject, { paint }: Page): string[] {
  const row = (label: string, text: string): string =>
    `  ${paint.faint(label.padEnd(10))}${printable(text)}`;
  const approved = textIn(pause, 'approvedBy');
  const next = NEXT[textIn(pause, 'state')]?.(textIn(pause, 'id'));
  return [
    row('pause', textIn(pause, 'id')),
    row('issuer', textIn(pause, 'issuer')),
    row('state', textIn(pause, 'state')),
    row('reason', textIn(pause, 'reason')),
    row('until', momentIn(pause, 'untilMs')),
    row('proposed', `${textIn(pause, 'proposedBy')}, ${momentIn(pause, 'proposedMs')}`),
    ...(approved === '-' ? [] : [row('approved', `${approved}, ${momentIn(pause, 'fromMs')}`)]),
    ...(textIn(pause, 'endedMs') === '-' ? [] : [row('ended', endOf(pause))]),
    ...(next === undefined ? [] : ['', `  ${printable(next)}`]),
  ];
}

function endOf(pause: JsonObject): string {
  const by = textIn(pause, 'endedBy');
  return `${by === '-' ? 'by itself' : by}, ${momentIn(pause, 'endedMs')}`;
}

/** @param server whose issuers are shown by their realm */
export function drawPauses(
  pauses: readonly JsonObject[],
  server: URL,
  { paint, columns }: Page,
): string[] {
  if (pauses.length === 0) return [`  ${paint.good('No pauses.')} Keys are rotated by themselves.`];
  const mark = (state: string): string =>
    state === 'running' || state === 'proposed' ? paint.warn(state) : paint.faint(state);
  return drawTable(
    [
      { title: 'pause' },
      { title: 'state' },
      { title: 'until' },
      { title: 'persons' },
      { title: 'issuer and reason', flexible: true },
    ],
    pauses.map((pause) => [
      printable(textIn(pause, 'id')),
      mark(printable(textIn(pause, 'state'))),
      momentIn(pause, 'untilMs'),
      printable(`${textIn(pause, 'proposedBy')}, ${textIn(pause, 'approvedBy')}`),
      printable(
        `${textIn(pause, 'issuer').replace(`${server.origin}/`, '')}: ${textIn(pause, 'reason')}`,
      ),
    ]),
    paint,
    columns,
  );
}

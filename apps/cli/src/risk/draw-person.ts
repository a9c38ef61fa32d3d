// What is thought of somebody and what is remembered, for a person to read: their standing, what is usual
// of them, what they did lately and what was said of it.

import type { Page } from '../answer/answer.ts';
import { isObject, type JsonObject, momentIn, textIn } from '../http/read-member.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { type Paint, printable } from '../terminal/paint.ts';
import { describeLevel, doneAs, indented, paintLevel, section } from './draw-assessment.ts';
import { sayWhy } from './say-why.ts';

const NAMES: Readonly<Record<string, string>> = {
  ip: 'address',
  net: 'network',
  asn: 'operator',
  ua: 'user agent',
  os: 'system',
  deviceKey: 'device key',
  dpopKey: 'token key',
  ja4: 'TLS',
};
const LATELY = 10;
const WIDTH = 12;

export function drawPerson(person: JsonObject, page: Page): string[] {
  const { paint, columns } = page;
  const profile = isObject(person['profile']) ? person['profile'] : {};
  const assessments = objectsIn(person, 'assessments');
  const acts = Number(profile['acts'] ?? 0);
  const snapshots = Array.isArray(person['snapshots']) ? person['snapshots'].map(String) : [];
  if (acts === 0 && assessments.length === 0 && textIn(person, 'score') === '0') {
    return [
      `  Nothing is remembered of ${printable(textIn(person, 'subject'))} in ${printable(textIn(person, 'realm'))}.`,
      '',
      '  Is the id right? A person’s is the sub of their tokens: countersign risk score lists who was judged.',
    ];
  }
  return [
    `  ${paint.strong(printable(textIn(person, 'subject')))} in ${printable(textIn(person, 'realm'))}`,
    `  ${describeLevel(person, paint)} of 100`,
    ...indented(
      isObject(person['why']) ? sayWhy(person['why']) : 'Nothing speaks against them.',
      columns,
    ),
    '',
    `  ${paint.faint('Usual')}`,
    ...drawUsual(profile, columns, paint),
    ...(assessments.length === 0 ? [] : ['', ...drawLately(assessments, page)]),
    ...section('Said', objectsIn(person, 'said').map(saidAs), columns, paint),
    ...section('To go back to', snapshots.length === 0 ? [] : [spanOf(snapshots)], columns, paint),
  ];
}

function drawUsual(profile: JsonObject, columns: number, paint: Paint): string[] {
  const acts = Number(profile['acts'] ?? 0);
  if (acts === 0) return indented('Nothing is familiar yet: no act has taught anything.', columns);
  const usual = isObject(profile['usual']) ? profile['usual'] : {};
  const span = [momentIn(profile, 'firstMs'), momentIn(profile, 'lastMs')];
  const [from, to] = span.map((moment) => moment.slice(0, 'YYYY-MM-DD'.length));
  return [
    ...indented(`learned from ${acts} ${acts === 1 ? 'act' : 'acts'}, ${from} to ${to}`, columns),
    ...Object.entries(usual).flatMap(([name, values]) => {
      const label = printable(NAMES[name] ?? name).padEnd(WIDTH);
      const lines = indented(sayValues(values), columns - WIDTH);
      return lines.map((line, at) =>
        line.replace(/^ {4}/, `    ${at === 0 ? paint.faint(label) : ' '.repeat(WIDTH)}`),
      );
    }),
  ];
}

/** `NO 92 %, SE 8 %`; what is kept as a number only has no name. */
function sayValues(values: unknown): string {
  if (!Array.isArray(values)) return '-';
  const named = values.filter(isObject);
  const shown = named.map((value) => {
    const { label } = value;
    return `${typeof label === 'string' ? label : 'one not kept in words'} ${textIn(value, 'percent')} %`;
  });
  return shown.join(', ');
}

function drawLately(assessments: readonly JsonObject[], { paint, columns }: Page): string[] {
  return drawTable(
    [
      { title: 'lately' },
      { title: 'act' },
      { title: 'score', align: 'right' },
      { title: 'level' },
      { title: 'what was done' },
      { title: 'id', flexible: true },
    ],
    assessments
      .slice(0, LATELY)
      .map((one) => [
        momentIn(one, 'timeMs').slice(0, 'YYYY-MM-DD HH:MM'.length),
        printable(textIn(one, 'kind')),
        String(Math.round(Number(one['score']))),
        paintLevel(textIn(one, 'level'), paint),
        doneAs(one),
        printable(textIn(one, 'id')),
      ]),
    paint,
    columns,
  );
}

function saidAs(said: JsonObject): string {
  return `${momentIn(said, 'timeMs')}  ${textIn(said, 'word')} of ${textIn(said, 'assessment')}`;
}

function spanOf(days: readonly string[]): string {
  const [first, last] = [days[0], days.at(-1)];
  return `${days.length === 1 ? first : `${days.length} days, ${first} to ${last}`} (countersign risk rollback)`;
}

function objectsIn(object: JsonObject, name: string): JsonObject[] {
  const list = object[name];
  return Array.isArray(list) ? list.filter(isObject) : [];
}

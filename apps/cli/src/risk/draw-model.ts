// The model that judges, for a person: where it is from, what it was trained on, what it goes without, and
// the age of what is known of networks.

import type { Page } from '../answer/answer.ts';
import { isObject, type JsonObject, momentIn, textIn } from '../http/read-member.ts';
import { describeCount, describeDistance } from '../terminal/describe-time.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { type Paint, printable } from '../terminal/paint.ts';
import { indented, section } from './draw-assessment.ts';

export function drawModel(told: JsonObject, nowMs: number, page: Page): string[] {
  const { paint, columns } = page;
  const { settings, comparison } = told;
  const surroundings = isObject(told['surroundings']) ? told['surroundings'] : {};
  return [
    ...drawOne('Judges', told['champion'], page),
    ...(isObject(told['challenger']) ? ['', ...drawOne('Looks on', told['challenger'], page)] : []),
    ...section('Beside each other', compared(comparison), columns, paint),
    ...section('Budgets of false alarms', budgets(settings), columns, paint),
    '',
    ...drawNetworks(surroundings['networks'], nowMs, page),
    ...drawLists(surroundings['lists'], nowMs, page),
  ];
}

function drawOne(title: string, model: unknown, { paint, columns }: Page): string[] {
  if (!isObject(model)) return [];
  const missing = Array.isArray(model['degraded']) ? model['degraded'].map(String) : [];
  const made = textIn(model, 'made').slice(0, 'YYYY-MM-DD'.length);
  return [
    `  ${paint.faint(title)}`,
    `    ${paint.strong(printable(textIn(model, 'id')))}${made === '-' ? '' : printable(`, made ${made}, seed ${textIn(model, 'seed')}`)}`,
    ...indented(trainedOn(model['summary']), columns),
    ...(missing.length === 0
      ? []
      : [`    ${paint.bad('Without')} ${printable(missing.join(', '))}: every score says so.`]),
  ];
}

function trainedOn(summary: unknown): string {
  if (!isObject(summary)) return 'Nothing is known of how it was trained.';
  const attacks = isObject(summary['attacks']) ? summary['attacks'] : {};
  const kinds = Object.entries(attacks).map(([name, count]) => `${countOf(count)} ${name}`);
  return `trained on ${textIn(summary, 'data')}: ${countOf(summary['legitimate'])} legitimate sign-ins, attacks ${kinds.join(', ')}; ${countOf(summary['heldOut'])} held out to measure on`;
}

function countOf(count: unknown): string {
  return typeof count === 'number' && Number.isFinite(count) ? describeCount(count) : '-';
}

function compared(comparison: unknown): string[] {
  if (!isObject(comparison)) return [];
  const { seen, alarms } = comparison;
  const pair = (both: unknown): string =>
    isObject(both) ? `${textIn(both, 'challenger')} to ${textIn(both, 'champion')}` : '-';
  return [
    `${countOf(comparison['acts'])} acts judged by both; attacks seen ${pair(seen)}, other alarms ${pair(alarms)}`,
    textIn(comparison, 'why'),
  ];
}

function budgets(settings: unknown): string[] {
  if (!isObject(settings)) return [];
  const oneIn = (share: unknown): string =>
    typeof share === 'number' && share > 0 ? `one in ${describeCount(Math.round(1 / share))}` : '-';
  return [
    `medium: ${oneIn(settings['mediumShare'])} legitimate acts; high: ${oneIn(settings['highShare'])}`,
  ];
}

function ageOf(one: JsonObject, nowMs: number, paint: Paint): string {
  const { madeMs, stale } = one;
  const age = typeof madeMs === 'number' ? describeDistance(madeMs, nowMs) : '-';
  const day = momentIn(one, 'madeMs').slice(0, 'YYYY-MM-DD'.length);
  return `${day}, ${stale === true ? paint.warn(`${age}: too old to rely on`) : age}`;
}

function drawNetworks(networks: unknown, nowMs: number, { paint, columns }: Page): string[] {
  const title = `  ${paint.faint('Networks and countries')}`;
  if (!isObject(networks))
    return [title, `    ${paint.bad('none')}: nobody knows where addresses are`];
  const { packages, attribution } = networks;
  const thanks = Array.isArray(attribution) ? attribution.map(String) : [];
  return [
    title,
    `    made ${ageOf(networks, nowMs, paint)}`,
    ...(Array.isArray(packages) ? indented(packages.map(String).join(', '), columns) : []),
    ...thanks.flatMap((line) => indented(line, columns)).map(paint.faint),
  ];
}

function drawLists(lists: unknown, nowMs: number, { paint, columns }: Page): string[] {
  const all = Array.isArray(lists) ? lists.filter(isObject) : [];
  if (all.length === 0) {
    return [
      '',
      `  ${paint.faint('Lists')}`,
      '    none of VPNs, Tor or data centres: docs/proxies-and-networks.md says how to add some',
    ];
  }
  return [
    '',
    ...drawTable(
      [
        { title: 'list' },
        { title: 'kind' },
        { title: 'entries', align: 'right' },
        { title: 'made', flexible: true },
      ],
      all.map((list) => [
        printable(textIn(list, 'name')),
        printable(textIn(list, 'kind')),
        countOf(list['entries']),
        ageOf(list, nowMs, paint),
      ]),
      paint,
      columns,
    ),
  ];
}

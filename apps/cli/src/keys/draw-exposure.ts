// What a key spoke for, as a report: how much, for whom, where it was seen, until when it matters.

import type { Page } from '../answer/answer.ts';
import { isObject, type JsonObject, momentIn, textIn } from '../http/read-member.ts';
import { describeCount } from '../terminal/describe-time.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { type Paint, printable, wrap } from '../terminal/paint.ts';
import { numberIn } from './judge-keys.ts';

const MOST_ROWS = 12;

export function drawExposure(key: JsonObject, exposure: JsonObject, page: Page): string[] {
  const { paint } = page;
  const label = (text: string): string => `  ${paint.faint(text.padEnd(10))}`;
  return [
    `  ${paint.strong(`What key ${printable(textIn(key, 'kid'))} spoke for`)}`,
    '',
    `${label('issuer')}${printable(textIn(key, 'issuer'))}`,
    `${label('state')}${printable(textIn(key, 'state'))} since ${sinceOf(key)}, ${printable(textIn(key, 'alg'))}, ${printable(textIn(key, 'custody'))}`,
    `${label('tokens')}${tokensOf(exposure, paint)}`,
    `${label('issued')}${spanOf(exposure)}`,
    `${label('people')}${peopleOf(exposure)}`,
    `${label('accepted')}${usesOf(exposure)}`,
    '',
    ...drawNames('tenant', exposure['tenants'], page),
    ...drawNames('audience', exposure['audiences'], page),
    ...drawNames('client', exposure['clients'], page),
    ...drawServers(exposure['resourceServers'], page),
    ...drawReach(key, page),
  ];
}

function sinceOf(key: JsonObject): string {
  const { sinceMs } = key;
  return isObject(sinceMs) ? momentIn(sinceMs, textIn(key, 'state')) : '-';
}

function tokensOf(exposure: JsonObject, paint: Paint): string {
  const live = numberIn(exposure, 'live');
  const revoked = numberIn(exposure, 'liveRevoked');
  const words = `${describeCount(live)} unexpired`;
  const but = revoked > 0 ? ` (${describeCount(revoked)} of them revoked)` : '';
  const issued = describeCount(numberIn(exposure, 'tokens'));
  return `${issued} issued, ${live > 0 ? paint.warn(words) : words}${but}`;
}

function spanOf(exposure: JsonObject): string {
  if (exposure['firstIssuedSeconds'] === undefined) return 'never';
  const at = (name: string): string => momentIn({ ms: numberIn(exposure, name) * 1000 }, 'ms');
  return `${at('firstIssuedSeconds')} to ${at('lastIssuedSeconds')}; the last one expires ${at('lastExpirySeconds')}`;
}

function peopleOf(exposure: JsonObject): string {
  const counted = (name: string): string => {
    const distinct = exposure[name];
    if (!isObject(distinct)) return '-';
    const count = describeCount(numberIn(distinct, 'count'));
    return distinct['atLeast'] === true ? `at least ${count}` : count;
  };
  return `subjects: ${counted('subjects')}; sign-ins: ${counted('sessions')}, with live tokens: ${counted('liveSessions')}`;
}

function usesOf(exposure: JsonObject): string {
  const uses = isObject(exposure['uses']) ? exposure['uses'] : {};
  const count = (name: string): string => describeCount(numberIn(uses, name) || 0);
  const span =
    exposure['firstAcceptedMs'] === undefined
      ? ''
      : `, ${momentIn(exposure, 'firstAcceptedMs')} to ${momentIn(exposure, 'lastAcceptedMs')}`;
  return `${count('accepted')} times, refused ${count('refused')} times, by verifiers that report${span}`;
}

function bounded(value: unknown): { list: JsonObject[]; more: number } {
  if (!isObject(value) || !Array.isArray(value['list'])) return { list: [], more: 0 };
  const list = value['list'].filter(isObject);
  const more = (numberIn(value, 'more') || 0) + Math.max(0, list.length - MOST_ROWS);
  return { list: list.slice(0, MOST_ROWS), more };
}

function drawNames(title: string, value: unknown, { paint, columns }: Page): string[] {
  const { list, more } = bounded(value);
  if (list.length === 0) return [];
  const rows = list.map((name) => [
    describeCount(numberIn(name, 'tokens')),
    describeCount(numberIn(name, 'live')),
    printable(textIn(name, 'name')),
  ]);
  return [
    ...drawTable(
      [
        { title: 'tokens', align: 'right' },
        { title: 'unexpired', align: 'right' },
        { title, flexible: true },
      ],
      rows,
      paint,
      columns,
    ),
    ...omitted(more, paint),
    '',
  ];
}

function drawServers(value: unknown, { paint, columns }: Page): string[] {
  const { list, more } = bounded(value);
  if (list.length === 0) return [];
  const rows = list.map((server) => {
    const uses = isObject(server['uses']) ? server['uses'] : {};
    return [
      describeCount(numberIn(uses, 'accepted') || 0),
      describeCount(numberIn(uses, 'refused') || 0),
      momentIn(server, 'lastAcceptedMs'),
      printable(`${textIn(server, 'tenant')}, reporter ${textIn(server, 'reporterId')}`),
    ];
  });
  return [
    ...drawTable(
      [
        { title: 'accepted', align: 'right' },
        { title: 'refused', align: 'right' },
        { title: 'last accepted' },
        { title: 'resource server', flexible: true },
      ],
      rows,
      paint,
      columns,
    ),
    ...omitted(more, paint),
    '',
  ];
}

function omitted(more: number, paint: Paint): string[] {
  return more > 0
    ? [paint.faint(`  … and ${describeCount(more)} more (--json has up to 100)`)]
    : [];
}

/** What a thief could still do is not in the ledger: it is said, so that nobody reads it as safe. */
function drawReach(key: JsonObject, { paint, columns }: Page): string[] {
  const endMs = numberIn(key, 'notAfterSeconds') * 1000;
  const said =
    textIn(key, 'state') === 'revoked'
      ? 'Revoked: verifiers of ours refuse whatever it signs; any use from now on is an alarm.'
      : `Not revoked: a thief of it could sign until ${momentIn({ endMs }, 'endMs')}. Verifiers that ask for the log’s receipt accept none of that.`;
  return wrap(said, columns - 4).map((line) => `  ${paint.faint(line)}`);
}

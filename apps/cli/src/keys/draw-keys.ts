// Keys as a table for each issuer: state, a bar of age, what they signed, what comes next.

import type { Page } from '../answer/answer.ts';
import { isObject, type JsonObject, textIn } from '../http/read-member.ts';
import { describeCount, describeDistance } from '../terminal/describe-time.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { type Paint, printable } from '../terminal/paint.ts';
import { ALARM_SHARE, numberIn } from './judge-keys.ts';

const BAR = 10;
const SHORT_KID = 12;
const ORDER = ['active', 'published', 'planned', 'retiring', 'retired', 'revoked'];
/** What does nothing any more but wait for a thief. */
const ENDED: ReadonlySet<string> = new Set(['retired', 'revoked']);

export interface KeyTable {
  keys: readonly JsonObject[];
  atMs: number;
  /** Show those that only serve as trip-wires, too. */
  all: boolean;
}

export function drawKeys({ keys, atMs, all }: KeyTable, page: Page): string[] {
  const { paint } = page;
  if (keys.length === 0)
    return [`  No keys yet. A realm gets its first when somebody asks for a token or its key set.`];
  const issuers = [...Map.groupBy(keys, (key) => textIn(key, 'issuer'))];
  const kidLength = shortest(keys.map((key) => textIn(key, 'kid')));
  return issuers
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([issuer, own]) => {
      const shown = all ? own : own.filter((key) => !ENDED.has(textIn(key, 'state')));
      const rows = shown.toSorted(inOrder).map((key) => rowOf(key, atMs, kidLength, paint));
      return [
        `  ${paint.strong(printable(issuer))}`,
        ...drawTable(columnsOf(shown), rows.map(keepColumns(shown)), paint, page.columns),
        ...remark(own.length - shown.length, paint),
        '',
      ];
    });
}

/** Kids are cut as far as they stay apart. */
function shortest(kids: readonly string[]): number {
  const longest = Math.max(...kids.map((kid) => kid.length));
  let length = SHORT_KID;
  while (length < longest && new Set(kids.map((kid) => kid.slice(0, length))).size < kids.length)
    length += 1;
  return length;
}

function inOrder(one: JsonObject, other: JsonObject): number {
  return (
    textIn(one, 'alg').localeCompare(textIn(other, 'alg')) ||
    ORDER.indexOf(textIn(one, 'state')) - ORDER.indexOf(textIn(other, 'state')) ||
    numberIn(other, 'notBeforeSeconds') - numberIn(one, 'notBeforeSeconds')
  );
}

const hasSigners = (keys: readonly JsonObject[]): boolean =>
  keys.some((key) => textIn(key, 'signer') !== '-');
const hasCustody = (keys: readonly JsonObject[]): boolean =>
  keys.some((key) => textIn(key, 'custody') !== 'software');

/** Where all keys lie in files of the one signer, nobody wants to read that in every line. */
function columnsOf(keys: readonly JsonObject[]) {
  return keepColumns(keys)([
    { title: 'key' },
    { title: 'alg' },
    { title: 'custody' },
    { title: 'signer' },
    { title: 'state' },
    { title: 'age' },
    { title: 'signed', align: 'right' as const },
    { title: 'next', flexible: true },
  ]);
}

const keepColumns =
  (keys: readonly JsonObject[]) =>
  <T>(cells: readonly T[]): T[] =>
    cells.filter((_, at) => (at !== 2 || hasCustody(keys)) && (at !== 3 || hasSigners(keys)));

function rowOf(key: JsonObject, atMs: number, kidLength: number, paint: Paint): string[] {
  const counts = isObject(key['counts']) ? key['counts'] : {};
  const signed = numberIn(counts, 'journalled');
  const away = key['away'] === true ? paint.bad(' away') : '';
  return [
    printable(textIn(key, 'kid').slice(0, kidLength)),
    printable(textIn(key, 'alg')),
    printable(textIn(key, 'custody')),
    printable(textIn(key, 'signer')) + away,
    drawState(textIn(key, 'state'), paint),
    drawAge(key, paint),
    Number.isNaN(signed) ? '-' : describeCount(signed),
    drawNext(key, atMs),
  ];
}

function drawState(state: string, paint: Paint): string {
  if (state === 'active') return paint.good(state);
  if (state === 'revoked') return paint.bad(state);
  return state === 'published' ? 'standby' : paint.faint(printable(state));
}

/** `███░░░░░░░  31 %`; the alarm age has a colour of its own. */
export function drawAge(key: JsonObject, paint: Paint): string {
  const share = numberIn(key, 'ageShare');
  if (Number.isNaN(share)) return '-';
  const full = Math.max(0, Math.min(BAR, Math.round(share * BAR)));
  const bar = `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${String(Math.floor(share * 100)).padStart(3)} %`;
  const ended = ENDED.has(textIn(key, 'state'));
  if (ended) return paint.faint(bar);
  return share >= ALARM_SHARE ? paint.bad(bar) : bar;
}

/** Plain: the column wraps. */
function drawNext(key: JsonObject, atMs: number): string {
  const { nextChange, reason } = key;
  if (textIn(key, 'state') === 'revoked')
    return typeof reason === 'string' ? printable(reason) : '-';
  if (!isObject(nextChange)) return ENDED.has(textIn(key, 'state')) ? 'trip-wire for ever' : '-';
  const to = textIn(nextChange, 'to');
  const dueMs = numberIn(nextChange, 'atMs');
  const when = `${dueMs < atMs ? 'due ' : ''}${describeDistance(dueMs, atMs)}`;
  const { waitsFor } = nextChange;
  const wait = typeof waitsFor === 'string' ? `, waits for ${printable(waitsFor)}` : '';
  return `${printable(to)} ${when}${wait}`;
}

function remark(hidden: number, paint: Paint): string[] {
  if (hidden === 0) return [];
  const what =
    hidden === 1 ? '1 key has ended: a trip-wire' : `${hidden} keys have ended: trip-wires`;
  return [paint.faint(`  ${what} (--all)`)];
}

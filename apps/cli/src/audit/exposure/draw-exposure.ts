// What was touched, for the person whose mail it was: how much, whose, when, how sure, and what nobody
// can tell from these records.

import type { ExposureReport } from '@countersign/matching';
import type { Page } from '../../answer/answer.ts';
import { isObject, type JsonObject } from '../../http/read-member.ts';
import { numberIn } from '../../keys/judge-keys.ts';
import { describeMoment, describeStretch } from '../../reconcile/describe-stretch.ts';
import { drawProblems } from '../../reconcile/draw-problems.ts';
import type { ReadTally } from '../../reconcile/read-activities.ts';
import { CLASS_WORDS } from '../../reconcile/words.ts';
import { describeCount } from '../../terminal/describe-time.ts';
import { drawTable } from '../../terminal/draw-table.ts';
import { printable, wrap } from '../../terminal/paint.ts';

type Person = ExposureReport['people'][number];

const MOST_PEOPLE = 20;
const MOST_ITEMS = 8;

const ASKED: Readonly<Record<string, string>> = {
  token: 'with token',
  session: 'in session',
  key: 'with key',
  app: 'by app',
  person: 'by',
  ip: 'from',
};

export function drawExposure(
  report: ExposureReport,
  tallies: readonly ReadTally[],
  page: Page,
  ledger?: unknown,
): string[] {
  const { paint } = page;
  const { question, people } = report;
  const hidden = people.length - MOST_PEOPLE;
  return [
    `  ${paint.strong(`What was touched ${ASKED[question.kind]} ${printable(question.value)}`)}`,
    '',
    ...drawSum(report, page),
    '',
    ...people.slice(0, MOST_PEOPLE).flatMap((person) => drawPerson(person, page)),
    ...(hidden > 0 ? [`  … and ${describeCount(hidden)} more people; --json has them`, ''] : []),
    ...drawIssue(report, page),
    ...drawLedger(ledger, page),
    ...drawBlindSpots(report, page),
    ...drawProblems(tallies, page),
  ];
}

function drawSum({ touched, coverage }: ExposureReport, { paint, columns }: Page): string[] {
  const { items, people, tenants, wholeFolders, atLeast, byKind, firstMs, lastMs } = touched;
  if (touched.records === 0)
    return [
      `  ${paint.warn('Nothing in these records is of it.')} ${describeCount(coverage.records)} records, ${describeStretch(coverage.firstMs, coverage.lastMs)}`,
    ];
  const kinds = Object.entries(byKind).map(([kind, count]) => `${describeCount(count)} ${kind}`);
  const whole = wholeFolders === 0 ? '' : ` and ${plural(wholeFolders, 'whole folder')}`;
  const sum = `${atLeast ? 'at least ' : ''}${plural(items, 'item')}${whole}`;
  const whose = `of ${plural(people, 'person', 'people')} in ${plural(tenants, 'tenant')}`;
  const line = `${kinds.join(', ')}${kinds.length > 0 ? ' · ' : ''}${describeStretch(firstMs, lastMs)}`;
  const { medium, low } = touched.confidence;
  const less = medium + low;
  return [
    `  ${paint.bad(sum)} ${whose}`,
    ...wrap(line, columns - 4).map((each) => `  ${paint.faint(each)}`),
    ...(less > 0
      ? [`  ${paint.warn(`${describeCount(less)} of them less surely`)}: see confidence in --json`]
      : []),
  ];
}

function drawPerson(person: Person, { paint, columns }: Page): string[] {
  const { items, wholeFolders, refused } = person;
  const name = person.person.slice(person.person.indexOf(':') + 1);
  const from = person.addresses.slice(0, 3).join(', ');
  const by = person.clients.slice(0, 2).join(', ');
  const facts = [
    describeStretch(person.firstMs, person.lastMs),
    ...(from === '' ? [] : [`from ${from}`]),
    ...(by === '' ? [] : [`by ${by}`]),
    ...(refused > 0 ? [`${describeCount(refused)} refused`] : []),
  ];
  const shown = items.list.slice(0, MOST_ITEMS);
  const rows = [
    ...wholeFolders
      .slice(0, MOST_ITEMS)
      .map((folder) => [
        describeMoment(folder.firstMs),
        'folder',
        printable(`${folder.name ?? folder.id}: all of it`),
      ]),
    ...shown.map((item) => [
      describeMoment(item.firstMs),
      item.kind,
      printable([item.name, item.id].filter((each) => each !== undefined).join('  ')),
    ]),
  ];
  const hidden = items.total - shown.length;
  return [
    `  ${paint.strong(printable(name))}  ${plural(items.total, 'item')}${person.tenant === null ? '' : paint.faint(`  tenant ${printable(person.tenant)}`)}`,
    ...wrap(printable(facts.join(' · ')), columns - 4).map((line) => paint.faint(`  ${line}`)),
    ...(rows.length === 0
      ? []
      : drawTable(
          [{ title: 'first' }, { title: 'kind' }, { title: 'what', flexible: true }],
          rows,
          paint,
          columns,
        )),
    ...(hidden > 0 ? [paint.faint(`  … and ${describeCount(hidden)} more`)] : []),
    '',
  ];
}

function drawIssue({ matching, touched }: ExposureReport, { paint, columns }: Page): string[] {
  if (touched.records === 0) return [];
  const lines = matching.findings.slice(0, 3).map((finding) => {
    const words = paint.bad(CLASS_WORDS[finding.class]);
    const [first = '', ...rest] = wrap(printable(finding.reason), columns - 8);
    return [
      `    ${words}  ${paint.faint(`${finding.confidence} confidence`)}`,
      `      ${first}`,
    ].concat(rest.map((line) => `      ${line}`));
  });
  if (lines.length > 0)
    return [`  ${paint.strong('What the issuer’s log says')}`, ...lines.flat(), ''];
  if (matching.joined === 0) return [];
  return [
    `  ${paint.strong('What the issuer’s log says')}`,
    `    ${paint.good('issued')}: ${plural(matching.joined, 'record')} joined to a sign-in or token`,
    '',
  ];
}

/** What the server's ledger says that a key of its own signed. */
function drawLedger(ledger: unknown, { paint }: Page): string[] {
  if (!isObject(ledger)) return [];
  const { subjects, clients } = ledger;
  const counted = (of: JsonObject, name: string): number => numberIn(of, name) || 0;
  const people = isObject(subjects) ? counted(subjects, 'count') : 0;
  const named = isObject(clients) && Array.isArray(clients['list']) ? clients['list'].length : 0;
  return [
    `  ${paint.strong('What the ledger says of the key')}`,
    `    ${plural(counted(ledger, 'tokens'), 'token')} issued, ${describeCount(counted(ledger, 'live'))} unexpired, for ${plural(people, 'person', 'people')} and ${plural(named, 'client')}`,
    '',
  ];
}

function drawBlindSpots({ blindSpots }: ExposureReport, { paint, columns }: Page): string[] {
  if (blindSpots.length === 0) return [];
  return [
    `  ${paint.strong('What these records cannot tell')}`,
    ...blindSpots.flatMap(({ sentence, count, fromMs, toMs }) => {
      const when = fromMs === null ? '' : `, ${describeStretch(fromMs, toMs)}`;
      return wrap(printable(`${sentence} (${describeCount(count)}${when})`), columns - 6).map(
        (line) => `    ${line}`,
      );
    }),
    '',
  ];
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${describeCount(count)} ${count === 1 ? one : many}`;
}

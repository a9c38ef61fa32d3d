// A reconciliation for people: what was held against what, what was found, and what nobody can know.

import type { Finding, ReconciliationReport } from '@countersign/matching';
import type { Page } from '../answer/answer.ts';
import { describeCount } from '../terminal/describe-time.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { printable, wrap } from '../terminal/paint.ts';
import { describeMoment, describeStretch } from './describe-stretch.ts';
import { drawProblems } from './draw-problems.ts';
import { drawShares } from './draw-shares.ts';
import type { ReadTally } from './read-activities.ts';
import { CLASS_WORDS, WHY_WORDS } from './words.ts';

const MOST_FINDINGS = 30;
const MOST_OPERATIONS = 15;

export function drawReconciliation(
  report: ReconciliationReport,
  tallies: Readonly<Record<string, ReadTally>>,
  page: Page,
): string[] {
  return [
    ...drawHead(report, page),
    '',
    ...drawShares(report.used, page),
    '',
    ...drawFindings(report, page),
    ...drawOperations(report, page),
    ...drawWhy(report, page),
    ...drawProblems(Object.values(tallies), page),
    ...drawVerdict(report, page),
  ];
}

function drawHead({ issued, used, revoked }: ReconciliationReport, { paint }: Page): string[] {
  const label = (text: string): string => `  ${paint.faint(text.padEnd(10))}`;
  const logs = issued.coverage.flatMap(({ family, tenants }) =>
    tenants.map(
      ({ tenant, fromMs, toMs, watermarkMs }) =>
        `${label('issuer')}${printable(family)}${tenants.length > 1 ? ` of ${printable(tenant ?? 'no tenant')}` : ''}, ${describeStretch(fromMs, toMs)}; decided up to ${describeMoment(watermarkMs)}`,
    ),
  );
  const ended = issued.revocations + revoked.revocations;
  return [
    `  ${paint.strong('Was every use issued?')}`,
    '',
    ...(logs.length > 0 ? logs : [`${label('issuer')}${paint.warn('no record of an issuer')}`]),
    `${label('issued')}${describeCount(issued.issues)} sign-ins and tokens${ended > 0 ? `, ${describeCount(ended)} ${ended === 1 ? 'revocation' : 'revocations'}` : ''}`,
    `${label('used')}${describeCount(used.uses)} uses${used.firstMs === null ? '' : `, ${describeStretch(used.firstMs, used.lastMs)}`}`,
    ...(issued.dropped > 0
      ? [
          `${label('')}${paint.warn(`${describeCount(issued.dropped)} older issues had no room: uses before ${describeMoment(issued.decidedFromMs)} are undecided`)}`,
        ]
      : []),
  ];
}

function drawFindings({ findings, leftOut }: ReconciliationReport, page: Page): string[] {
  const shown = findings.slice(0, MOST_FINDINGS);
  const hidden = findings.length + leftOut - shown.length;
  return [
    ...shown.flatMap((finding) => [...drawFinding(finding, page), '']),
    ...(hidden > 0 ? [`  … and ${describeCount(hidden)} more; --json has them`, ''] : []),
  ];
}

function drawFinding(finding: Finding, { paint, columns }: Page): string[] {
  const { confidence, count, items, firstMs, lastMs } = finding;
  const mark = confidence === 'low' ? paint.warn('?') : paint.bad('✗');
  const name = (confidence === 'low' ? paint.warn : paint.bad)(CLASS_WORDS[finding.class]);
  const names = finding.persons.map((each) => each.slice(each.indexOf(':') + 1));
  // A mail address is for people; the object id beside it is for programs.
  const who = names.filter((each) => each.includes('@'))[0] ?? names[0] ?? 'nobody named';
  const facts = [
    `${count} ${count === 1 ? 'record' : 'records'}`,
    ...(items > 0 ? [`${describeCount(items)} items named`] : []),
    describeStretch(firstMs, lastMs),
    ...(finding.addresses.length > 0 ? [`from ${finding.addresses.slice(0, 3).join(', ')}`] : []),
  ];
  return [
    `  ${mark} ${name}  ${paint.strong(printable(who))}  ${paint.faint(`${confidence} confidence`)}`,
    ...wrap(printable(finding.reason), columns - 6).map((line) => `    ${line}`),
    ...wrap(printable(facts.join(' · ')), columns - 6).map((line) => paint.faint(`    ${line}`)),
    paint.faint(`    ${printable(finding.id ?? 'no id')}  ${printable(finding.records[0] ?? '')}`),
  ];
}

function drawOperations({ operations }: ReconciliationReport, { paint, columns }: Page): string[] {
  if (operations.length === 0) return [];
  const number = (count: number): string => (count === 0 ? paint.faint('·') : describeCount(count));
  const rows = operations
    .slice(0, MOST_OPERATIONS)
    .map(({ operation, uses, token, session, weak, unissued, undecided, unjoinable }) => [
      printable(operation),
      ...[uses, token, session, weak].map(number),
      unissued > 0 ? paint.bad(describeCount(unissued)) : number(0),
      ...[undecided, unjoinable].map(number),
    ]);
  const right = (title: string) => ({ title, align: 'right' }) as const;
  const names = ['uses', 'by token', 'session', 'weak', 'unissued', 'undecided', 'no join'];
  return [
    ...drawTable(
      [{ title: 'operation', flexible: true }, ...names.map(right)],
      rows,
      paint,
      columns,
    ),
    '',
  ];
}

function drawWhy({ used, issued, notCompared }: ReconciliationReport, page: Page): string[] {
  const { paint, columns } = page;
  const reasons = Object.entries(used.why).sort(([, a], [, b]) => b - a);
  const missing = issued.missingStreams.join(', ');
  const lines = reasons.map(([why, count]) => {
    const more = why === 'stream_missing' && missing !== '' ? ` (${missing})` : '';
    return `${describeCount(count)}  ${WHY_WORDS[why as keyof typeof WHY_WORDS]}${more}`;
  });
  const open = Object.entries(notCompared).filter(([, count]) => count > 0);
  if (open.length > 0)
    lines.push(
      `Joined, but not compared: ${open.map(([what, count]) => `${what} ${describeCount(count)}`).join(', ')}.`,
    );
  if (lines.length === 0) return [];
  return [
    `  ${paint.strong('What cannot be known from these logs')}`,
    ...lines.flatMap((line) => wrap(printable(line), columns - 6).map((each) => `    ${each}`)),
    '',
  ];
}

function drawVerdict({ ok, findings, used }: ReconciliationReport, { paint }: Page): string[] {
  if (!ok) {
    const sure = findings.filter(({ confidence }) => confidence === 'high').length;
    return [
      `  ${paint.bad(`${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`)}, ${sure} of high confidence`,
    ];
  }
  if (used.uses === 0) return [`  ${paint.warn('There was no use to judge.')}`];
  const judged = used.token + used.session;
  if (judged === 0) return [`  ${paint.warn('Nothing could be joined: this says nothing.')}`];
  return [
    `  ${paint.good('Nothing found')} in ${describeCount(judged)} of ${describeCount(used.uses)} uses that could be joined`,
  ];
}

// What the check of a bundle says: one JSON object whose members keep their meaning, and lines.

import type { BundleProblem, BundleVerdict, PinVerdict } from '@countersign/trail';
import type { Answer, Page } from '../answer/answer.ts';
import { describeCount } from '../terminal/describe-time.ts';
import { printable, wrap } from '../terminal/paint.ts';

const MOST_LINES = 20;

export interface Judged {
  ok: boolean;
  strict: boolean;
}

export function describeVerdict(verdict: BundleVerdict, { ok, strict }: Judged): Answer {
  const { instance, tenant, anchor } = verdict;
  return {
    ok,
    json: {
      command: 'audit verify',
      ...{ ok, verdict: verdict.verdict, proven: verdict.proven, strict },
      ...{ instance: instance ?? null, tenant: tenant ?? null },
      anchor: anchor === undefined ? null : withNulls(anchor),
      ...{ count: verdict.count, segments: verdict.segments, events: verdict.events },
      ...{ erased: verdict.erased, withheld: verdict.withheld, deleted: verdict.deleted },
      ...{ problems: verdict.problems, problemsLeftOut: verdict.problemsLeftOut },
      ...{ gaps: verdict.gaps, gapsLeftOut: verdict.gapsLeftOut, pins: verdict.pins },
    },
    lines: (page) => [
      ...drawVerdict(verdict, ok, page),
      ...drawProblems(verdict, page),
      ...drawGaps(verdict, page),
      ...drawPins(verdict.pins, page),
    ],
  };
}

/** One shape whatever is known: JSON leaves undefined members out. */
function withNulls(anchor: NonNullable<BundleVerdict['anchor']>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(anchor).map(([name, value]) => [name, value ?? null]));
}

function drawVerdict(verdict: BundleVerdict, ok: boolean, { paint }: Page): string[] {
  const {
    tenant = 'nobody',
    instance,
    count,
    anchor,
    erased,
    withheld,
    deleted,
    segments,
  } = verdict;
  const word = verdict.verdict.replace('_', ' ');
  const shown = ok
    ? verdict.gaps.length > 0
      ? paint.warn(word)
      : paint.good(word)
    : paint.bad(word);
  const left = [
    ...(erased > 0 ? [`${describeCount(erased)} erased`] : []),
    ...(withheld > 0 ? [`${describeCount(withheld)} withheld`] : []),
    ...(deleted > 0 ? [`${describeCount(deleted)} said to be deleted after their time`] : []),
  ];
  const sealed = segments === 1 ? '1 segment' : `${describeCount(segments)} segments`;
  const held = `${describeCount(verdict.events)} of ${describeCount(count)} events, ${sealed}`;
  return [
    `  ${shown}  ${printable(tenant)}  ${[held, ...left].join(', ')}`,
    ...(instance === undefined ? [] : [`    of the installation ${printable(instance)}`]),
    ...(anchor === undefined ? [] : [`    ${drawAnchor(anchor, paint)}`]),
  ];
}

function drawAnchor(
  { anchor, atMs, logOrigin, logIndex, signed, witnessedMs }: NonNullable<BundleVerdict['anchor']>,
  paint: Page['paint'],
): string {
  const at = atMs === undefined ? '' : ` of ${new Date(atMs).toISOString()}`;
  const place = `anchor ${anchor}${at}, entry ${logIndex ?? '?'} of ${printable(logOrigin ?? '?')}`;
  if (!signed) return `${place}: ${paint.warn('nobody’s signature was believed (--policy)')}`;
  return witnessedMs === undefined ? `${place}, signed` : `${place}, signed and witnessed`;
}

function drawProblems(
  { problems, problemsLeftOut }: BundleVerdict,
  { paint, columns }: Page,
): string[] {
  const more = problems.length - MOST_LINES + problemsLeftOut;
  return [
    ...problems
      .slice(0, MOST_LINES)
      .flatMap((problem) => [
        `    ${paint.bad(`${problem.fault.replace('_', ' ')}: ${problem.alteration}`)}  ${placeOf(problem)}`,
        ...wrap(printable(problem.message), columns - 6).map((line) => `      ${line}`),
      ]),
    ...(more > 0 ? [`    and ${describeCount(more)} more (--json)`] : []),
  ];
}

function placeOf({ level, first, last, segment, line }: BundleProblem): string {
  const numbers = first === last ? `number ${first}` : `numbers ${first} to ${last}`;
  return [
    level.replace('_', ' '),
    ...(first === undefined ? [] : [numbers]),
    ...(segment === undefined ? [] : [`segment ${segment}`]),
    ...(line === undefined ? [] : [`line ${line}`]),
  ].join(', ');
}

function drawGaps({ gaps, gapsLeftOut }: BundleVerdict, { paint }: Page): string[] {
  const more = gaps.length - MOST_LINES + gapsLeftOut;
  return [
    ...gaps
      .slice(0, MOST_LINES)
      .map(
        ({ number, reason, message }) =>
          `    ${paint.warn('gap')}  number ${number}  ${printable(reason)}  ${paint.faint(printable(message))}`,
      ),
    ...(more > 0 ? [`    and ${describeCount(more)} more gaps (--json)`] : []),
  ];
}

function drawPins(pins: readonly PinVerdict[], { paint }: Page): string[] {
  const words: Readonly<Record<PinVerdict['state'], string>> = {
    kept: 'the history that it pinned is here',
    contradicted: 'this is another history than it pinned',
    beyond: 'the bundle ends before it',
    unproven: 'the events around it are withheld, so nobody can tell',
  };
  return pins.map(({ anchor, count, state }) => {
    const colour = state === 'kept' ? paint.good : state === 'unproven' ? paint.warn : paint.bad;
    return `    ${colour(`pin ${state}`)}  anchor ${anchor}, ${describeCount(count)} events: ${words[state]}`;
  });
}

// What an import brought, for a person: the counts, what no map knew, and what could not be read.

import type { Page } from '../../answer/answer.ts';
import { describeCount } from '../../terminal/describe-time.ts';
import { printable } from '../../terminal/paint.ts';
import type { InputTally } from './read-inputs.ts';
import type { SentSums } from './send-records.ts';
import type { ImportTrial } from './try-import.ts';

const MOST_SHOWN = 10;

export function drawSent(sums: SentSums, tally: InputTally, page: Page): string[] {
  const { paint } = page;
  const count = (number: number): string => describeCount(number).padStart(12);
  return [
    `  ${count(tally.records)}  records read of ${describeCount(tally.files)} files`,
    `  ${paint.good(count(sums.recorded))}  events recorded`,
    `  ${count(sums.known)}  were here already`,
    ...(sums.unmapped > 0
      ? [`  ${paint.warn(count(sums.unmapped))}  of no kind that is known: kept, and counted`]
      : []),
    ...(sums.future > 0
      ? [`  ${paint.warn(count(sums.future))}  from more than a day in the future: kept`]
      : []),
    ...(sums.truncated > 0
      ? [`  ${paint.warn(count(sums.truncated))}  too long to keep their whole text`]
      : []),
    '',
    ...drawSources(sums.sources),
    ...drawProblems(tally, page),
  ];
}

export function drawTrial(trial: ImportTrial, tally: InputTally, page: Page): string[] {
  const unknown = trial.kinds.filter(({ mapped }) => !mapped);
  return [
    `  ${describeCount(tally.records)} records of ${describeCount(tally.files)} files would be ${describeCount(trial.events)} events; nothing was sent.`,
    '',
    ...drawSources(trial.sources),
    ...(unknown.length === 0 ? [] : [`  ${page.paint.warn('Of no kind that is known')}`]),
    ...unknown
      .slice(0, MOST_SHOWN)
      .map(
        ({ source, operation, count, first }) =>
          `    ${describeCount(count)} × ${printable(`${source}: ${operation}`)}  ${printable(first)}`,
      ),
    ...drawProblems(tally, page),
  ];
}

function drawSources(sources: Readonly<Record<string, number>>): string[] {
  const named = Object.entries(sources).sort(([, left], [, right]) => right - left);
  if (named.length === 0) return [];
  const lines = named.map(
    ([name, count]) => `  ${describeCount(count).padStart(12)}  ${printable(name)}`,
  );
  return [...lines, ''];
}

function drawProblems({ problems, problemCounts }: InputTally, { paint }: Page): string[] {
  const all = Object.values(problemCounts).reduce((sum, count) => sum + count, 0);
  if (all === 0) return [];
  const lines = problems
    .slice(0, MOST_SHOWN)
    .map(({ file, line, message }) => `    ${printable(`${file}:${line}`)}  ${printable(message)}`);
  const more = all - lines.length;
  return [
    `  ${paint.warn('Not read, or read in part')}`,
    ...lines,
    ...(more > 0 ? [`    … and ${describeCount(more)} more`] : []),
  ];
}

// What of the input could not be read, with file and line.

import type { Page } from '../answer/answer.ts';
import { describeCount } from '../terminal/describe-time.ts';
import { printable } from '../terminal/paint.ts';
import type { ReadTally } from './read-activities.ts';

const MOST_SHOWN = 10;

export function drawProblems(tallies: readonly ReadTally[], { paint }: Page): string[] {
  const problems = tallies.flatMap((tally) => tally.problems);
  const more = tallies.reduce((sum, tally) => sum + tally.moreProblems, 0);
  const unmapped = tallies.reduce((sum, tally) => sum + tally.unmapped, 0);
  const lines = problems
    .slice(0, MOST_SHOWN)
    .map(({ file, line, message }) => `    ${printable(`${file}:${line}`)}  ${printable(message)}`);
  const hidden = problems.length + more - lines.length;
  if (hidden > 0) lines.push(`    … and ${describeCount(hidden)} more`);
  if (unmapped > 0)
    lines.push(`    ${describeCount(unmapped)} records are of no kind that is known`);
  return lines.length === 0 ? [] : [`  ${paint.warn('Not read, or read in part')}`, ...lines, ''];
}

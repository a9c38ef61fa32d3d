// One bar for all uses, a part for each way they were joined, and a line that reads it out.

import type { ReconciliationReport } from '@countersign/matching';
import type { Page } from '../answer/answer.ts';
import { describeCount } from '../terminal/describe-time.ts';

const MOST_COLUMNS = 60;

export function drawShares(used: ReconciliationReport['used'], { paint, columns }: Page): string[] {
  if (used.uses === 0) return [];
  const parts = [
    { name: 'by token', count: used.token, cell: '█', pen: paint.good },
    { name: 'by session', count: used.session, cell: '▓', pen: paint.good },
    { name: 'weakly', count: used.weak, cell: '▒', pen: paint.faint },
    { name: 'never issued', count: used.unissued, cell: '█', pen: paint.bad },
    { name: 'undecided', count: used.undecided, cell: '░', pen: paint.warn },
    { name: 'not joinable', count: used.unjoinable, cell: '░', pen: paint.faint },
  ].filter(({ count }) => count > 0);
  const room = Math.min(MOST_COLUMNS, columns - 6);
  const bar = parts.map(({ count, cell, pen }) =>
    pen(cell.repeat(Math.max(1, Math.round((room * count) / used.uses)))),
  );
  const words = parts.map(({ name, count, pen }) => pen(`${describeCount(count)} ${name}`));
  return [`  ${bar.join('')}`, `  ${words.join(' · ')}`];
}

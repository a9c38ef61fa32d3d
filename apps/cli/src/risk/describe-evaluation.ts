// The answer of an evaluation: one table for people, everything but the curves for programs.

import type { ByAttack, ContestantFigures, TrialReport } from '@countersign/trials';
import type { Answer, Page } from '../answer/answer.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { printable, wrap } from '../terminal/paint.ts';

const COLUMNS = [
  { title: 'model' },
  ...['naive', 'vpn', 'targeted'].map((title) => ({ title, align: 'right' as const })),
  ...['asked n/v/t', 'realised'].map((title) => ({ title, align: 'right' as const })),
];

export function describeEvaluation(report: TrialReport, path: string | undefined): Answer {
  const ok = report.data.audit.passed;
  const { models, ...rest } = report;
  return {
    ok,
    json: {
      ...{ command: 'risk evaluate', ok, report: path ?? null },
      models: Object.fromEntries(
        Object.entries(models).map(([name, figures]) => [name, withoutCurves(figures)]),
      ),
      ...rest,
    },
    lines: (page) => draw(report, path, page),
  };
}

/** Curves are for the page: half a megabyte of points helps nobody on a command line. */
function withoutCurves({ roc: _, ...figures }: ContestantFigures): Omit<ContestantFigures, 'roc'> {
  return figures;
}

function draw(report: TrialReport, path: string | undefined, { paint, columns }: Page): string[] {
  const { logins, users } = report.data.statistics;
  const audit = report.data.audit;
  const rows = Object.entries(report.models).map(([name, figures]) => [
    name === 'countersign' ? paint.strong(name) : name,
    ...(['naive', 'vpn', 'targeted'] as const).map((kind) => recall(figures, kind)),
    all(figures.reauthAtTpr99),
    percent(figures.realised[0]?.fpr, 2),
  ]);
  return [
    '',
    `  ${count(logins)} logins of ${count(users)} people, ${report.data.source}, seed ${report.seed}`,
    ...(report.data.counted?.bad
      ? [
          `  ${paint.warn(`${count(report.data.counted.bad)} rows cannot be read`)} and are left out`,
        ]
      : []),
    '',
    ...drawTable(COLUMNS, rows, paint, columns),
    '',
    ...[
      'naive, vpn, targeted: % of the attacks found while 1 % of legitimate logins are asked again (95 % interval).',
      'asked: % of legitimate logins asked again so that 99 % of the attacks are found. realised: % asked again at',
      'a threshold set for 1 % before.',
    ].map((line) => `  ${paint.faint(line)}`),
    '',
    `  ${audit.passed ? paint.good('audit passed') : paint.bad('audit failed')}  attackers ${
      audit.passed ? 'cannot' : 'can'
    } be told by how they were put there (worst AUC ${audit.worstAuc.toFixed(2)})`,
    ...wrap(report.limits[0] ?? '', columns - 2).map((line) => `  ${paint.faint(line)}`),
    ...(path === undefined ? [] : ['', `  The page: ${printable(path)}`]),
  ];
}

function recall({ recallAtFpr1, intervals }: ContestantFigures, kind: keyof ByAttack<number>) {
  const [low, high] = intervals.recallAtFpr1[kind] ?? [Number.NaN, Number.NaN];
  return `${percent(recallAtFpr1[kind])} [${percent(low, 0)}–${percent(high, 0)}]`;
}

function all({ naive, vpn, targeted }: ByAttack<number>): string {
  return [naive, vpn, targeted].map((share) => percent(share, 0)).join('/');
}

function percent(share: number | undefined, digits = 1): string {
  return share === undefined || Number.isNaN(share) ? '–' : (100 * share).toFixed(digits);
}

function count(number: number): string {
  return number.toLocaleString('en-GB');
}

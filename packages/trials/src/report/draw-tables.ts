// The tables of a report. A figure stands beside its interval; who reads with a screen reader has headers.

import { DISPARITY_CAP, type GroupRate } from '../protocol/realised.ts';
import { REAUTH_LOGINS } from '../protocol/reauth-counts.ts';
import type { AttackKind } from '../protocol/summarise.ts';
import type { Rates } from '../protocol/sweep.ts';
import { attacksIn } from './draw-curves.ts';
import { escapeHtml } from './escape-html.ts';
import type { TrialReport } from './trial-report.ts';

/** @param own the row that is the product's */
export function drawTable(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  own?: number,
): string {
  const head = heads.map((each) => `<th scope="col">${escapeHtml(each)}</th>`).join('');
  const body = rows.map((row, at) => {
    const [first = '', ...cells] = row;
    const line = `<th scope="row">${first}</th>${cells.map((each) => `<td>${each}</td>`).join('')}`;
    return `<tr${at === own ? ' class="own"' : ''}>${line}</tr>`;
  });
  return `<div class="wide" role="region" aria-label="${escapeHtml(caption)}" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

export function drawRates(report: TrialReport, rate: keyof Rates, caption: string): string {
  const kinds = attacksIn(report);
  const names = Object.keys(report.models);
  const isShare = rate !== 'auc';
  const rows = names.map((name) => {
    const figures = report.models[name]!;
    const cell = (kind: AttackKind): string => {
      const [low, high] = figures.intervals[rate][kind] ?? [Number.NaN, Number.NaN];
      const show = (value: number | undefined): string => number(value, isShare);
      return `${show(figures[rate][kind])} <small>${show(low)}–${show(high)}</small>`;
    };
    return [escapeHtml(name), ...kinds.map(cell)];
  });
  return drawTable(caption, ['', ...kinds], rows, names.indexOf('countersign'));
}

export function drawRealised(report: TrialReport): string {
  const names = Object.keys(report.models);
  const rows = names.map((name) => {
    const [one, tenth] = report.models[name]!.realised;
    return [
      escapeHtml(name),
      number(one?.fpr, true, 2),
      number(tenth?.fpr, true, 3),
      number(one?.precision['1e-3'], true, 2),
      number(one?.precision['1e-4'], true, 2),
      escapeHtml(one?.disparities.join(', ') || 'none'),
    ];
  });
  const heads = ['', '% at 1 %', '% at 0.1 %', 'right of 1 in 1,000', 'right of 1 in 10,000'];
  return drawTable(
    'Realised rates and precision',
    [...heads, `asked over ${DISPARITY_CAP}×`],
    rows,
    names.indexOf('countersign'),
  );
}

export function drawGroups(report: TrialReport): string {
  const realised = report.models['countersign']?.realised[0];
  const mixed = report.populations?.[0];
  const groups: [string, GroupRate[]][] = [
    ['history', realised?.byHistory ?? []],
    ['country', (realised?.byCountry ?? []).slice(0, 8)],
    ['device', realised?.byDevice ?? []],
    ['population', mixed?.byPopulation ?? []],
  ];
  const rows = groups.flatMap(([what, rates]) =>
    rates.map(({ group, logins, fpr, ratio }) => [
      `${what} ${escapeHtml(group)}`,
      logins.toLocaleString('en-GB'),
      number(fpr, true, 2),
      `${ratio.toFixed(2)}×`,
    ]),
  );
  return drawTable('Who is asked again', ['', 'logins', '% asked', 'of all'], rows);
}

export function drawReauthCounts(report: TrialReport): string {
  const kinds = attacksIn(report).filter((kind) => kind !== 'takeover');
  const rows = ['freeman', 'countersign'].flatMap((name) =>
    kinds.flatMap((kind) =>
      (report.models[name]?.reauths[kind] ?? []).map(({ tpr, median }) => [
        `${name}, ${kind}`,
        `${tpr * 100} %`,
        ...REAUTH_LOGINS.map((logins) => String(median[logins] ?? '–')),
      ]),
    ),
  );
  const heads = ['', 'found', ...REAUTH_LOGINS.map((logins) => `${logins} logins`)];
  return drawTable('Median number of times a person is asked again', heads, rows);
}

export function drawVariants({ variants }: TrialReport): string {
  const rows = variants.map(({ what, without, recallAtFpr1 }) => [
    escapeHtml(what === 'attacker' ? `never saw ${without}` : `without ${without}`),
    ...(['naive', 'vpn', 'targeted'] as const).map((kind) => number(recallAtFpr1[kind], true)),
  ]);
  return drawTable(
    'The relation head with something left out',
    ['', 'naive', 'vpn', 'targeted'],
    rows,
  );
}

export function number(value: number | undefined, isShare: boolean, digits = 1): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  return isShare ? (value * 100).toFixed(digits) : value.toFixed(3);
}

// The tables of a report. A figure stands beside its interval; who reads with a screen reader has headers.

import { DISPARITY_CAP, type GroupRate } from '../protocol/realised.ts';
import { REAUTH_LOGINS } from '../protocol/reauth-counts.ts';
import type { AttackKind } from '../protocol/summarise.ts';
import type { Rates } from '../protocol/sweep.ts';
import { attacksIn } from './draw-curves.ts';
import { escapeHtml } from './escape-html.ts';
import type { TrialReport } from './trial-report.ts';

interface Table {
  /** A sentence that stands above it and is its name. */
  caption: string;
  heads: readonly string[];
  /** Cells are HTML, the first of a row its header. */
  rows: readonly (readonly string[])[];
  /** The row that is the product's. */
  own?: number;
}

export function drawTable({ caption, heads, rows, own }: Table): string {
  const id = `table-${caption
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)}`;
  const head = heads.map((each) => `<th scope="col">${escapeHtml(each)}</th>`).join('');
  const body = rows.map((row, at) => {
    const [first = '', ...cells] = row;
    const line = `<th scope="row">${first}</th>${cells.map((each) => `<td>${each}</td>`).join('')}`;
    return `<tr${at === own ? ' class="own"' : ''}>${line}</tr>`;
  });
  return `<div class="wide" role="region" aria-labelledby="${id}" tabindex="0"><table><caption id="${id}">${escapeHtml(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

export function drawRates(report: TrialReport, rate: keyof Rates, caption: string): string {
  const kinds = attacksIn(report);
  const names = Object.keys(report.models);
  const rows = names.map((name) => [
    escapeHtml(name),
    ...kinds.map((kind) => withInterval(report, name, rate, kind)),
  ]);
  const attacks = report.split.byAttack;
  const heads = kinds.map((kind) => `${kind} (${count(attacks[kind] ?? 0)})`);
  const own = names.indexOf('countersign');
  return drawTable({ caption, heads: ['method', ...heads], rows, own });
}

/** A figure and the interval that holds 95 % of the draws. */
function withInterval(
  { models }: TrialReport,
  name: string,
  rate: keyof Rates,
  kind: AttackKind,
): string {
  const figures = models[name];
  const [low, high] = figures?.intervals[rate][kind] ?? [Number.NaN, Number.NaN];
  const show = (value: number | undefined): string => number(value, rate !== 'auc');
  return `${show(figures?.[rate][kind])} <small>${show(low)}–${show(high)}</small>`;
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
  return drawTable({
    caption:
      '% of legitimate logins asked again where 1 % and 0.1 % were promised; of those asked at 1 %, % that are attacks, all kinds together, when one login in 1,000 and in 10,000 is one; groups of 500 logins or more that are asked too often.',
    heads: [
      ...['method', 'asked at 1 %', 'asked at 0.1 %', 'attacks, 1 in 1,000', '1 in 10,000'],
      `over ${DISPARITY_CAP}× of all`,
    ],
    rows,
    own: names.indexOf('countersign'),
  });
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
      ...[count(logins), count(Math.round(fpr * logins))],
      ...[number(fpr, true, 2), Number.isFinite(ratio) ? `${ratio.toFixed(2)}×` : '–'],
    ]),
  );
  const world = mixed === undefined ? '' : ' Populations are those of a smaller world of all four.';
  return drawTable({
    caption: `The product where 1 % was promised, by group: history is logins before this one. Groups of few logins vary by chance.${world}`,
    heads: ['group', 'logins', 'asked', '%', 'of all'],
    rows,
  });
}

export function drawReauthCounts(report: TrialReport): string {
  const kinds = attacksIn(report).filter((kind) => kind !== 'takeover');
  const rows = ['freeman', 'countersign'].flatMap((name) =>
    kinds.flatMap((kind) =>
      (report.models[name]?.reauths[kind] ?? []).map(({ tpr, median }) => [
        `${name}, ${kind}`,
        `${number(tpr, true, 0)} %`,
        ...REAUTH_LOGINS.map((logins) => String(median[logins] ?? '–')),
      ]),
    ),
  );
  return drawTable({
    caption:
      'How many times half of the people are asked at most in their first 4, 12, 25 and 39 logins of the test, so that this share of the attacks is found; – where fewer than 20 people have so many.',
    heads: ['method, attack', 'found', ...REAUTH_LOGINS.map((logins) => `${logins} logins`)],
    rows,
  });
}

export function drawVariants({ variants }: TrialReport): string {
  const rows = variants.map(({ what, without, recallAtFpr1 }) => [
    escapeHtml(what === 'attacker' ? `never saw ${without}` : `without ${without}`),
    ...(['naive', 'vpn', 'targeted'] as const).map((kind) => number(recallAtFpr1[kind], true)),
  ]);
  return drawTable({
    caption: '% of the attacks found at 1 % by the relation head alone, trained again.',
    heads: ['left out', 'naive', 'vpn', 'targeted'],
    rows,
  });
}

export function count(value: number): string {
  return value.toLocaleString('en-GB');
}

export function number(value: number | undefined, isShare: boolean, digits = 1): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  return isShare ? (value * 100).toFixed(digits) : value.toFixed(3);
}

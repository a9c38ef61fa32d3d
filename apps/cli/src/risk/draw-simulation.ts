// What a policy would have done, for a person: how many, by population and app, whom, and what differs.

import type { ActionCounts, PolicySimulation } from '@countersign/risk';
import type { Page } from '../answer/answer.ts';
import { describeCount } from '../terminal/describe-time.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { printable } from '../terminal/paint.ts';

const LONGEST_NAME = 28;
const PERCENT = 100;

export function drawSimulation(simulation: PolicySimulation, page: Page): string[] {
  const { paint, columns } = page;
  const { acts, people, compared, total } = simulation;
  if (acts === 0) return [`  ${paint.faint('There was nothing to try it on.')}`];
  const percent = (count: number) => `${((count / acts) * PERCENT).toFixed(2)} %`;
  const rows = [
    ['all', total] as const,
    ...Object.entries(simulation.byPopulation),
    ...Object.entries(simulation.byApp).map(([app, of]) => [`app ${app}`, of] as const),
  ];
  return [
    `  ${paint.strong(printable(simulation.policy))} on ${describeCount(acts)} acts, ${spanOf(simulation)}`,
    '',
    ...drawTable(
      [
        { title: 'of' },
        { title: 'allowed', align: 'right' },
        { title: 'asked', align: 'right' },
        { title: 'denied', align: 'right' },
        { title: 'limited', align: 'right' },
      ],
      rows.map(([name, of]) => [printable(name).slice(0, LONGEST_NAME), ...cellsOf(of)]),
      paint,
      columns,
    ),
    '',
    `  Asked ${percent(total.step_up)}, denied ${percent(total.deny)} of the acts.`,
    `  People: ${describeCount(people.seen)} seen, ${describeCount(people.askedOrDenied)} asked or denied, ${describeCount(people.denied)} denied.`,
    people.neverIn === 0
      ? `  ${paint.good('Everybody')} would have got in at least once.`
      : `  ${paint.bad(`${describeCount(people.neverIn)} would never have got in.`)}`,
    ...(people.more ? ['  There were more people than are told apart.'] : []),
    `  Beside what was done: ${describeCount(compared.stricter)} stricter, ${describeCount(compared.milder)} milder, ${describeCount(compared.same)} the same.`,
  ];
}

function cellsOf({ allow, step_up, deny, limited }: ActionCounts): string[] {
  return [allow, step_up, deny, limited].map(describeCount);
}

function spanOf({ fromMs, toMs }: PolicySimulation): string {
  const day = (ms: number | undefined) =>
    ms === undefined ? '-' : new Date(ms).toISOString().slice(0, 'YYYY-MM-DD'.length);
  return `${day(fromMs)} to ${day(toMs)}`;
}

// Section: what the engine finds beside the baseline of the field, on the same made-up logins of three
// worlds. Not a benchmark of time, but like one: side by side in one run, as ratios.

import { runEvaluation, type TrialReport } from '@countersign/trials';
import type { Goal, Row, Section } from '../report.ts';

const SEEDS = [1, 2, 3] as const;
const GOALS = { naive: 1.9, vpn: 2.3, targeted: 3, reauthNaive: 0.45, reauthVpn: 0.25, off: 0.2 };
const KINDS = ['naive', 'vpn', 'targeted'] as const;
type Kind = (typeof KINDS)[number];

export function trialSection(): Promise<Section> {
  const made = new Date().toISOString();
  const reports = SEEDS.map((seed) => runEvaluation({ seed, made, quick: true }));
  return Promise.resolve({
    title: 'Finding attackers',
    method: `\`countersign risk evaluate --quick\` with seeds ${SEEDS.join(', ')}: worlds of 30,000 people made up anew, the first 60 % of the logins train, the rest are judged by their past alone. *countersign* is the whole engine as the server runs it; *relation* and *targeted* are its learned heads by themselves. Recall at 1 % of legitimate logins asked again, and how many are asked again so that 99 % of the attackers are found. Attackers and people come from one simulator: upper bounds, of which only the distance to Freeman says something.`,
    header: ['seed', 'method', ...KINDS.map((kind) => `${kind} %`), 'asked again %, naive', 'vpn'],
    rows: reports.flatMap(rowsOf),
    goals: goalsOf(reports),
    limit:
      'A targeted attacker in the right network with the right browser looks like the person on another day: nine in ten pass the whole score. Intervals of one world are about 3 points wide to either side.',
  });
}

function rowsOf({ seed, models }: TrialReport): Row[] {
  return ['freeman', 'logistic', 'relation', 'targeted', 'countersign'].map((name) => {
    const figures = models[name];
    const recall = KINDS.map((kind) => percent(figures?.recallAtFpr1[kind]));
    const reauth = (['naive', 'vpn'] as const).map((kind) => percent(figures?.reauthAtTpr99[kind]));
    return { cells: [String(seed), name, ...recall, ...reauth] };
  });
}

function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? '' : (100 * share).toFixed(1);
}

function goalsOf(reports: readonly TrialReport[]): Goal[] {
  const over = (name: string, what: 'recallAtFpr1' | 'reauthAtTpr99', kind: Kind): number[] =>
    reports.map(({ models }) => ratio(models[name]?.[what][kind], models['freeman']?.[what][kind]));
  const recall = (kind: 'naive' | 'vpn', least: number): Goal =>
    goal(
      `recall, ${kind}`,
      over('countersign', 'recallAtFpr1', kind),
      `≥ ${least} ×`,
      (x) => x >= least,
    );
  const reauth = (kind: 'naive' | 'vpn', most: number): Goal =>
    goal(
      `asked again at TPR 99 %, ${kind}`,
      over('countersign', 'reauthAtTpr99', kind),
      `≤ ${most} ×`,
      (x) => x <= most,
    );
  const targeted = over('targeted', 'recallAtFpr1', 'targeted');
  const buckets = reports.flatMap(({ models }) =>
    (models['countersign']?.realised[0]?.byHistory ?? []).map(({ fpr }) => 100 * fpr),
  );
  return [
    recall('naive', GOALS.naive),
    recall('vpn', GOALS.vpn),
    goal(
      'targeted head at its own 1 %',
      targeted,
      `≥ ${GOALS.targeted} ×`,
      (x) => x >= GOALS.targeted,
    ),
    reauth('naive', GOALS.reauthNaive),
    reauth('vpn', GOALS.reauthVpn),
    {
      what: 'asked again where 1 % was promised, by depth of history',
      goal: '0.8 to 1.2 % in each',
      measured: `${Math.min(...buckets).toFixed(2)} to ${Math.max(...buckets).toFixed(2)} %`,
      met: buckets.length > 0 && buckets.every((rate) => Math.abs(rate - 1) <= GOALS.off),
    },
  ];
}

function ratio(ours: number | null | undefined, theirs: number | null | undefined): number {
  return (ours ?? Number.NaN) / (theirs ?? Number.NaN);
}

/** Met only if every world meets it. */
function goal(what: string, found: number[], wanted: string, meets: (x: number) => boolean): Goal {
  const measured = `${found.map((each) => each.toFixed(2)).join(', ')} × Freeman`;
  return { what: `${what}, each seed`, goal: wanted, measured, met: found.every(meets) };
}

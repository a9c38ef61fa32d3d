// The four families of plots of a report.

import { HISTORY_BUCKETS } from '../protocol/cases.ts';
import type { AttackKind, ContestantFigures } from '../protocol/summarise.ts';
import { escapeHtml } from './escape-html.ts';
import { type Axis, drawPlot } from './svg-plot.ts';
import type { TrialReport } from './trial-report.ts';

/** Drawn in this order, the product last and so on top. */
export const DRAWN = [
  ...['random', 'isolation-forest', 'logistic', 'freeman', 'targeted', 'relation'],
  'countersign',
] as const;

/** Whose rates are drawn against what was promised. */
export const PROMISING = ['freeman', 'logistic', 'countersign'] as const;

const ATTACK_TITLES: Readonly<Record<AttackKind, string>> = {
  naive: 'Naive: another person’s everything',
  vpn: 'VPN: another person of the same country',
  targeted: 'Targeted: all the same but the address',
  takeover: 'Takeovers that the data names',
};

const percent = (value: number): string => `${Number((value * 100).toPrecision(2))} %`;
const FPR: Axis = {
  ...{ kind: 'log', min: 1e-4, max: 1, ticks: [1e-4, 1e-3, 1e-2, 1e-1, 1] },
  ...{ label: 'legitimate logins asked again', format: percent },
};
const FOUND: Axis = {
  ...{ kind: 'linear', min: 0, max: 1, ticks: [0, 0.25, 0.5, 0.75, 1] },
  ...{ label: 'attacks found', format: percent },
};

type Entry = readonly [name: string, figures: ContestantFigures];

export function drawnModels({ models }: TrialReport): Entry[] {
  return DRAWN.flatMap((name): Entry[] => (models[name] ? [[name, models[name]]] : []));
}

export function attacksIn({ models }: TrialReport): AttackKind[] {
  return Object.keys(models['freeman']?.recallAtFpr1 ?? {}) as AttackKind[];
}

export function drawRocs(report: TrialReport): string {
  return attacksIn(report)
    .map((kind) =>
      drawPlot({
        ...{ title: ATTACK_TITLES[kind], x: FPR, y: FOUND },
        description: `Share of attacks found against the share of legitimate logins asked again, on a logarithmic axis. ${say(report, kind)}`,
        curves: drawnModels(report).map(([name, { roc }]) => ({ name, points: roc[kind] ?? [] })),
      }),
    )
    .join('\n');
}

function say({ models }: TrialReport, kind: AttackKind): string {
  const at = (name: string): string => percent(models[name]?.recallAtFpr1[kind] ?? 0);
  return `At 1 % asked again the product finds ${at('countersign')} of the attacks, Freeman ${at('freeman')}.`;
}

/** The same curves the other way round: what it costs to find nearly all. */
export function drawReauths(report: TrialReport): string {
  const wanted: Axis = {
    ...{ kind: 'linear', min: 0.5, max: 1, ticks: [0.5, 0.6, 0.7, 0.8, 0.9, 1] },
    ...{ label: 'attacks found', format: percent },
  };
  const asked: Axis = { ...FPR, min: 1e-3, ticks: [1e-3, 1e-2, 1e-1, 1], label: 'asked again' };
  return attacksIn(report)
    .map((kind) =>
      drawPlot({
        ...{ title: ATTACK_TITLES[kind], x: wanted, y: asked },
        description: `Share of legitimate logins asked again so that a share of the attacks is found. At 99 %: the product ${percent(report.models['countersign']?.reauthAtTpr99[kind] ?? 1)}, Freeman ${percent(report.models['freeman']?.reauthAtTpr99[kind] ?? 1)}.`,
        curves: drawnModels(report).map(([name, { roc }]) => ({
          name,
          points: (roc[kind] ?? [])
            .filter(([, recall]) => recall >= 0.5)
            .map(([fpr, recall]) => [recall, fpr] as const),
        })),
      }),
    )
    .join('\n');
}

export function drawCalibration(report: TrialReport): string {
  const axis = (label: string, min: number): Axis => ({
    ...{ kind: 'log', min, max: 0.2, ticks: [1e-4, 0.001, 0.01, 0.1].filter((at) => at >= min) },
    ...{ label, format: percent },
  });
  const said = (report.models['countersign']?.calibration ?? [])
    .map(({ nominal, realised }) => `${percent(nominal)}: ${percent(realised)}`)
    .join(', ');
  return drawPlot({
    title: 'What was promised, and what came',
    description: `Realised against nominal false-positive rate, both logarithmic. The band is 20 % around the promise. The product, promised and realised: ${said}.`,
    x: axis('legitimate logins to be asked again', 5e-4),
    y: axis('asked again', 1e-4),
    band: [0.8, 1.2],
    curves: drawnModels(report)
      .filter(([name]) => PROMISING.some((each) => each === name))
      .map(([name, { calibration }]) => ({
        name,
        marked: true,
        // What is off the scale is not drawn on its edge.
        points: calibration
          .filter(({ realised }) => realised >= 1e-4)
          .map(({ nominal, realised }) => [nominal, realised] as const),
      })),
  });
}

const [BAR_WIDTH, BAR_HEIGHT, LABELS] = [420, 300, 40];

/** Realised rate by depth of history, the product beside Freeman, at a budget of 1 %. */
export function drawHistoryBars({ models }: TrialReport): string {
  const rates = (name: string): (number | undefined)[] =>
    HISTORY_BUCKETS.map(
      (bucket) => models[name]?.realised[0]?.byHistory.find(({ group }) => group === bucket)?.fpr,
    );
  const sets = ['freeman', 'countersign'].map((name) => [name, rates(name)] as const);
  const most = Math.max(0.015, ...sets.flatMap(([, values]) => values.map((each) => each ?? 0)));
  const room = BAR_HEIGHT - LABELS - 24;
  const group = (BAR_WIDTH - 52) / HISTORY_BUCKETS.length;
  const bar = (name: string, side: number, at: number, value: number | undefined): string => {
    const tall = ((value ?? 0) / most) * room;
    const x = 52 + at * group + group * (0.14 + 0.38 * side);
    const y = BAR_HEIGHT - LABELS - tall;
    const wide = group * 0.34;
    return `<rect class="bar b-${name}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${wide.toFixed(1)}" height="${tall.toFixed(1)}" rx="2"/><text class="tick" text-anchor="middle" x="${(x + wide / 2).toFixed(1)}" y="${(y - 5).toFixed(1)}">${value === undefined ? '–' : (value * 100).toFixed(2)}</text>`;
  };
  const budget = BAR_HEIGHT - LABELS - (0.01 / most) * room;
  const words = sets.map(
    ([name, values]) =>
      `${name}: ${values.map((each) => (each === undefined ? 'nobody' : percent(each))).join(', ')}`,
  );
  return `<figure class="plot"><figcaption>Who is asked again: by logins before this one</figcaption>
<svg viewBox="0 0 ${BAR_WIDTH} ${BAR_HEIGHT}" role="img" aria-label="${escapeHtml(`Legitimate logins asked again at a budget of 1 %, by logins before this one: ${HISTORY_BUCKETS.join(', ')}. ${words.join('. ')}.`)}">
<line class="budget" x1="44" x2="${BAR_WIDTH}" y1="${budget.toFixed(1)}" y2="${budget.toFixed(1)}"/><text class="tick" x="40" y="${(budget + 4).toFixed(1)}" text-anchor="end">1 %</text>
<line class="grid" x1="44" x2="${BAR_WIDTH}" y1="${BAR_HEIGHT - LABELS}" y2="${BAR_HEIGHT - LABELS}"/>
${HISTORY_BUCKETS.map((bucket, at) => `${sets.map(([name, values], side) => bar(name, side, at, values[at])).join('')}<text class="tick" text-anchor="middle" x="${52 + (at + 0.5) * group}" y="${BAR_HEIGHT - LABELS + 16}">${bucket}</text>`).join('\n')}
<text class="axis-label" x="${BAR_WIDTH / 2 + 20}" y="${BAR_HEIGHT - 6}">logins before this one · % asked again at a budget of 1 %</text>
</svg></figure>`;
}

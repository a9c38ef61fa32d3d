// Section: training boosted trees on a million rows, and what one answer and its reasons cost, beside
// logistic regression on the same rows and the literal reference on a few.

import {
  type Booster,
  type Matrix,
  referenceTrainBooster,
  trainBooster,
  trainLogistic,
} from '@countersign/learner';
import { percentile } from '../measure.ts';
import type { Section } from '../report.ts';
import { COLUMNS, MONOTONE, madeSignIns } from './made-sign-ins.ts';

const ROWS = 1_000_000;
const TEST_ROWS = 50_000;
const REFERENCE = { rows: 400, trees: 2 };
const OPTIONS = { trees: 200, leaves: 8, seed: 1, monotone: MONOTONE };
const GOAL_SECONDS = 300;
const GOAL_MICROSECONDS = 10;
/** Answers that are timed together: a clock is no finer. */
const TOGETHER = 16;
const BATCHES = 4000;

interface Taken {
  wallSeconds: number;
  cpuSeconds: number;
}

export async function learnerSection(): Promise<Section> {
  const train = madeSignIns(ROWS, 1);
  const test = madeSignIns(TEST_ROWS, 2);
  const [booster, boosted] = time(() => trainBooster(train.x, train.y, OPTIONS));
  const [logistic, fitted] = time(() => trainLogistic(train.x, train.y));
  const out = new Float64Array(COLUMNS + 1);
  const predict = answerTimes(test.x, (at) => booster.predict(test.x.data, at));
  const contribute = answerTimes(test.x, (at) => booster.contribute(test.x.data, out, at));
  const fit = answerTimes(test.x, (at) => logistic.predict(test.x.data, at));
  const lossOf = (model: Pick<Booster, 'predict'>): string =>
    meanLoss(test, (at) => model.predict(test.x.data, at)).toFixed(4);
  const rows: [string, ...(string | number)[]][] = [
    ['booster, training and answer', ...cellsOf(boosted), ...predict, lossOf(booster)],
    ['booster, answer with contributions', '', '', ...contribute, ''],
    ['logistic regression', ...cellsOf(fitted), ...fit, lossOf(logistic)],
    ...besideReference(),
  ];
  return section(rows, boosted.wallSeconds, contribute[0], booster);
}

const cellsOf = ({ cpuSeconds, wallSeconds }: Taken): string[] =>
  [cpuSeconds, wallSeconds].map((seconds) => seconds.toPrecision(3));

/** The literal reference and the fast training, on the same few rows. */
function besideReference(): [string, ...string[]][] {
  const few = madeSignIns(REFERENCE.rows, 3);
  const small = { ...OPTIONS, trees: REFERENCE.trees, minLeafRows: 10 };
  const [, literal] = time(() => referenceTrainBooster(few.x, few.y, small));
  const [, quick] = time(() => trainBooster(few.x, few.y, small));
  return [
    [`literal reference, ${REFERENCE.rows} rows`, ...cellsOf(literal), '', '', ''],
    [`booster, the same ${REFERENCE.rows} rows`, ...cellsOf(quick), '', '', ''],
  ];
}

function section(
  rows: [string, ...(string | number)[]][],
  trainedSeconds: number,
  contributed: number,
  booster: Booster,
): Section {
  const million = `${ROWS.toLocaleString('en-US')} rows × ${COLUMNS} columns`;
  return {
    title: 'Learning',
    method: `Made rows (no sign-ins): ${million}, ${OPTIONS.trees} trees of ${OPTIONS.leaves} leaves, ${MONOTONE.filter(Boolean).length} columns monotone, one thread; processor time beside the wall's, since other work may run. Answers over ${TEST_ROWS.toLocaleString('en-US')} other rows, ${TOGETHER} timed together. The literal reference on ${REFERENCE.rows} rows and ${REFERENCE.trees} trees, beside the fast training of the same. Not here: making of the rows, and how well real attacks are found.`,
    header: ['', 'processor s', 'wall s', 'answer µs p50', 'p99', 'log loss, held out'],
    rows: rows.map((cells) => ({ cells })),
    goals: [
      {
        what: `training, ${million}`,
        goal: `< ${GOAL_SECONDS} s`,
        measured: `${trainedSeconds.toFixed(0)} s`,
        met: trainedSeconds < GOAL_SECONDS,
      },
      {
        what: 'answer with contributions, p50',
        goal: `< ${GOAL_MICROSECONDS} µs`,
        measured: `${contributed.toFixed(1)} µs`,
        met: contributed < GOAL_MICROSECONDS,
      },
    ],
    limit: `Training adds three numbers to a bin for each cell of the rows that are counted, some ${describeUpdates(booster)} times 10^9 here, in an order the processor cannot foresee; a second thread would take half of the columns and is not there. An answer is some hundred steps from node to node, each waiting for the one before.`,
  };
}

/** Rows counted: all for the first split, and the smaller half of each later one but the last. */
function describeUpdates({ trees }: Booster): string {
  const most = trees.length * ROWS * COLUMNS;
  return `${(most / 1e9).toFixed(0)}–${((2 * most) / 1e9).toFixed(0)}`;
}

function time<Result>(run: () => Result): [Result, Taken] {
  const before = process.cpuUsage();
  const startedMs = performance.now();
  const result = run();
  const wallSeconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  return [result, { wallSeconds, cpuSeconds: (user + system) / 1e6 }];
}

/** p50 and p99 in microseconds, of answers timed some together, once the code is warm. */
function answerTimes(x: Matrix, answer: (at: number) => number): [number, number] {
  const taken: number[] = [];
  let [row, sum] = [0, 0];
  for (let batch = -BATCHES; batch < BATCHES; batch += 1) {
    const startedMs = performance.now();
    for (let turn = 0; turn < TOGETHER; turn += 1) {
      sum += answer(row * COLUMNS);
      row = (row + 7919) % x.rows;
    }
    if (batch >= 0) taken.push(((performance.now() - startedMs) * 1000) / TOGETHER);
  }
  if (Number.isNaN(sum)) throw new Error('An answer is not a number.');
  taken.sort((a, b) => a - b);
  return [percentile(taken, 0.5), percentile(taken, 0.99)];
}

function meanLoss({ x, y }: { x: Matrix; y: Uint8Array }, answer: (at: number) => number): number {
  let loss = 0;
  for (let row = 0; row < x.rows; row += 1) {
    const margin = answer(row * COLUMNS) * (y[row] === 1 ? 1 : -1);
    loss += Math.log1p(Math.exp(-Math.abs(margin))) + Math.max(-margin, 0);
  }
  return loss / x.rows;
}

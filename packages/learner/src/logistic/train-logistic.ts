// Trains logistic regression by Newton's method. Each step minimises the second-order picture of the
// penalised loss inside the signs that were asked for, one weight after the other until nothing moves
// (Friedman, Hastie, Tibshirani 2010), and is halved until the true loss falls. No randomness.

import { demand, nameColumns } from '../booster/read-options.ts';
import { learnerRefusal } from '../learner-error.ts';
import { checkLabels, checkMatrix, type Matrix } from '../matrix.ts';
import { Logistic } from './logistic.ts';
import { LogisticLoss } from './logistic-loss.ts';
import { measureColumns } from './measure-columns.ts';
import { minimiseInside } from './minimise-inside.ts';

export interface LogisticOptions {
  /** Penalty on the squared weights of standardised columns, in rows; default 1. */
  l2?: number;
  /** How much each row counts; default 1. */
  weights?: Float64Array;
  /** By column: 1 the weight is never below 0, −1 never above, 0 free; default all free. */
  signs?: readonly (-1 | 0 | 1)[];
  /** Names of the columns; default f0, f1, … */
  features?: readonly string[];
  /** Most steps of Newton's method; default 50. */
  steps?: number;
}

/** A step that gains less than this share of the loss is the last. */
const TOLERANCE = 1e-12;
const MOST_HALVINGS = 40;
/** Weights, intercept included, stay inside: data that can be told apart perfectly has no best ones. */
const FARTHEST_WEIGHT = 1000;

/**
 * @param y 0 or 1 a row
 * @throws CodedError `options_invalid` `data_invalid`
 */
export function trainLogistic(
  x: Matrix,
  y: Float64Array | Uint8Array,
  options: LogisticOptions = {},
): Logistic {
  checkMatrix(x);
  checkLabels(x.rows, y, options.weights);
  const { l2 = 1, steps = 50, features = nameColumns(x.columns) } = options;
  const signs = options.signs ?? features.map(() => 0 as const);
  demand(l2 >= 0 && l2 <= 1e12, 'l2');
  demand(Number.isInteger(steps) && steps >= 1 && steps <= 10_000, 'steps');
  demand(features.length === x.columns, 'features');
  demand(signs.length === x.columns && signs.every((sign) => [-1, 0, 1].includes(sign)), 'signs');
  const columns = measureColumns(x, options.weights);
  const loss = new LogisticLoss({ x, y, columns, l2, weights: options.weights });
  // The intercept stands behind the weights and may have any sign.
  const low = [...signs.map((sign) => (sign > 0 ? 0 : -FARTHEST_WEIGHT)), -FARTHEST_WEIGHT];
  const high = [...signs.map((sign) => (sign < 0 ? 0 : FARTHEST_WEIGHT)), FARTHEST_WEIGHT];
  let at: Float64Array = new Float64Array(x.columns + 1);
  let here = loss.at(at);
  for (let step = 0; step < steps; step += 1) {
    const { slope, curve } = loss.bend(at);
    const target = minimiseInside(at, slope, curve, low, high);
    const next = walk(loss, at, target, here);
    if (next === undefined) break;
    const gained = here - next.loss;
    at = next.at;
    here = next.loss;
    if (gained <= TOLERANCE * Math.abs(here)) break;
  }
  if (!at.every(Number.isFinite))
    throw learnerRefusal('data_invalid', 'No weights fit these rows. Raise l2.');
  return new Logistic(features, {
    intercept: at[x.columns] as number,
    weights: [...at.subarray(0, x.columns)],
    means: columns.map(({ mean }) => mean),
    scales: columns.map(({ scale }) => scale),
  });
}

/** As far towards the target as the loss falls; nowhere when it does not fall at all. */
function walk(
  loss: LogisticLoss,
  from: Float64Array,
  target: Float64Array,
  here: number,
): { at: Float64Array; loss: number } | undefined {
  for (let halving = 0; halving < MOST_HALVINGS; halving += 1) {
    const share = 2 ** -halving;
    const at = from.map((value, index) => value + share * ((target[index] as number) - value));
    const there = loss.at(at);
    if (there < here) return { at, loss: there };
  }
  return undefined;
}

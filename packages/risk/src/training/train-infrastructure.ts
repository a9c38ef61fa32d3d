// Trains the infrastructure head: a logistic line over the columns of traffic. What an address is known for
// (a data centre, Tor) is in no stream that is made up: it keeps the weight, and the share of legitimate acts,
// that were judged right for it.

import { Logistic, type Matrix, trainLogistic } from '@countersign/learner';
import { DEPTH_BUCKETS } from '../assess/risk-engine.ts';
import { PRIOR_BIAS, PRIOR_WEIGHTS, priorTrafficTail } from '../infrastructure/prior-traffic.ts';
import { TRAFFIC_FEATURES } from '../infrastructure/traffic-features.ts';
import type { TrainingTails } from '../model/risk-model.ts';
import { RiskError } from '../risk-error.ts';
import { trainingTail } from '../score/training-tail.ts';
import { measureTails } from './measure-tails.ts';

export interface TrainedInfrastructure {
  part: Logistic;
  tails: TrainingTails;
}

/** Fewer attacks teach noise. */
const FEWEST_ATTACKS = 200;
/** The table of tails: steps of the log-odds from those of no traffic at all. */
const [STEP, STEPS] = [0.25, 60];

/**
 * @param x Rows of `writeTrafficRow`, each of a success.
 * @param y 1 of an attacker, 0 of a legitimate act.
 * @param heldOut Rows of legitimate acts, which calibrate and train nothing.
 * @throws RiskError `bad_rows`: too few of either kind.
 */
export function trainInfrastructure(
  x: Matrix,
  y: Uint8Array,
  heldOut: Matrix,
): TrainedInfrastructure {
  const attacks = y.reduce((sum, label) => sum + label, 0);
  if (attacks < FEWEST_ATTACKS || y.length - attacks < FEWEST_ATTACKS) {
    throw new RiskError('bad_rows', 'Give more traffic: too few acts of attackers, or of people.', {
      detail: `${attacks} of ${y.length}`,
    });
  }
  const signs = TRAFFIC_FEATURES.map(() => 1 as const);
  const { numbers } = trainLogistic(x, y, { features: TRAFFIC_FEATURES, signs });
  const learned = numbers.weights.map((weight, column) => weight / numbers.scales[column]!);
  // Of a row without any traffic: its columns are 0, and so are their parts.
  const intercept = learned.reduce(
    (sum, weight, column) => sum - weight * numbers.means[column]!,
    numbers.intercept,
  );
  const weights = learned.map((weight, column) =>
    isSilent(x, column) ? PRIOR_WEIGHTS[column]! : weight,
  );
  const part = new Logistic(TRAFFIC_FEATURES, {
    ...{ intercept, weights, means: weights.map(() => 0), scales: weights.map(() => 1) },
  });
  return { part, tails: tailsOf(part, heldOut) };
}

/** No row had any of it. */
function isSilent({ rows, columns, data }: Matrix, column: number): boolean {
  for (let row = 0; row < rows; row++) if (data[row * columns + column] !== 0) return false;
  return true;
}

/**
 * Legitimate acts are this odd for the traffic around them, as measured, or for what their address is, as
 * judged. Traffic knows no history: all buckets have the same.
 */
function tailsOf(part: Logistic, { rows, columns, data }: Matrix): TrainingTails {
  const raw = Float64Array.from({ length: rows }, (_, row) => part.predict(data, row * columns));
  const measured = measureTails(raw, new Uint8Array(rows));
  const { intercept } = part.numbers;
  const scores = Float64Array.from({ length: STEPS }, (_, step) => intercept + step * STEP);
  const shares = scores.map((score, step) => {
    const traffic = step === 0 ? 1 : (trainingTail(measured, 0, score) ?? 0);
    return Math.min(1, traffic + priorTrafficTail(score - intercept + PRIOR_BIAS));
  });
  return { raw: DEPTH_BUCKETS.map(() => scores), tail: DEPTH_BUCKETS.map(() => shares) };
}

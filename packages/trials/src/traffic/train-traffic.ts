// The infrastructure head of a made-up world's attackers: trained on one stream, calibrated on the people of
// another.

import type { Matrix } from '@countersign/learner';
import { type TrainedInfrastructure, trainInfrastructure } from '@countersign/risk';
import type { Knobs } from '../generator/knobs.ts';
import { type GatheredTraffic, gatherTraffic } from './gather-traffic.ts';
import { generateTraffic } from './generate-traffic.ts';

/** Some 40,000 logins and 200 campaigns. */
const USERS = 12_000;
/** Share of the people's logins before anything is described. */
const WARM_UP = 0.15;
/** Streams are no worlds that anything else is trained or tried on. */
const [TRAINING, HELD_OUT] = [1_000_003, 2_000_003];

/** Same seed: same head. */
export function trainTraffic(seed: number, knobs: Partial<Knobs> = {}): TrainedInfrastructure {
  const { x, y } = streamOf(seed + TRAINING, knobs);
  return trainInfrastructure(x, y, legitimate(streamOf(seed + HELD_OUT, knobs)));
}

export function streamOf(seed: number, knobs: Partial<Knobs>): GatheredTraffic {
  const acts = generateTraffic(seed, { users: USERS, ...knobs });
  const logins = acts.reduce((sum, { failed }) => sum + Number(!failed), 0);
  return gatherTraffic(acts, Math.floor(WARM_UP * logins));
}

function legitimate({ x, y }: GatheredTraffic): Matrix {
  const { columns, data } = x;
  const rows = y.length - y.reduce((sum, label) => sum + label, 0);
  const kept = new Float64Array(rows * columns);
  let at = 0;
  for (let row = 0; row < x.rows; row++) {
    if (y[row] !== 0) continue;
    kept.set(data.subarray(row * columns, (row + 1) * columns), columns * at++);
  }
  return { rows, columns, data: kept };
}

// A risk model from a made-up world or from the published data: what `countersign risk train` writes.

import { INFRASTRUCTURE_PART, type RiskModel, trainRiskModel } from '@countersign/risk';
import { placeAttacks } from '../attackers/place-attacks.ts';
import { generateWorld } from '../generator/generate-world.ts';
import { DEFAULT_KNOBS } from '../generator/knobs.ts';
import type { Logins } from '../logins.ts';
import { toTrainingAttacks, toTrainingRows } from '../protocol/to-training-rows.ts';
import { trainTraffic } from '../traffic/train-traffic.ts';

export interface TrainOrder {
  seed: number;
  id: string;
  /** ISO date and time. */
  made: string;
  /** People of the made-up world; default 30,000. */
  users?: number;
  trees?: number;
  onProgress?: (what: string, done: number, of: number) => void;
}

/** Share of the logins with history that each attacker replaces. */
const SHARE = 1 / 3;
/** Attacks of each kind, on the published file. */
const MOST_ATTACKS = 600_000;

/**
 * Same order and data: same model. The infrastructure head is trained on made-up traffic in any case: the published
 * data set's failures have no successes beside them that are known to be an attacker's.
 * @param logins read from the published file; made up when absent
 */
export function trainModel(order: TrainOrder, logins?: Logins): RiskModel {
  const { seed, id, made, users = DEFAULT_KNOBS.users } = order;
  const frame = logins ?? generateWorld(seed, { users });
  const share = Math.min(SHARE, MOST_ATTACKS / frame.size);
  const attacks = placeAttacks(frame, { seed: seed + 1, share });
  const model = trainRiskModel(toTrainingRows(frame, frame.size), {
    ...{ seed, id, made, attacks: toTrainingAttacks(attacks, frame.size) },
    data: logins === undefined ? `generator, ${users} people, seed ${seed}` : 'rba-dataset',
    ...(order.trees === undefined ? {} : { trees: order.trees }),
    onProgress: (step, done, of) => order.onProgress?.(`training (${step})`, done, of),
  });
  order.onProgress?.('training (infrastructure)', 0, 1);
  const { part, tails } = trainTraffic(seed);
  return {
    ...model,
    parts: { ...model.parts, [INFRASTRUCTURE_PART]: part },
    tails: { ...model.tails, infrastructure: tails },
  };
}

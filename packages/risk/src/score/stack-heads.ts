// Learned fusion, once people have labelled acts: a logistic line over how many decades each head's tail
// is away from usual. No weight is below 0, so no head can vote against another. The house trains none by
// itself: labels are of what was flagged, and what was not seen would be forgotten (decision 0040).

import { Logistic, trainLogistic } from '@countersign/learner';
import { HEADS, type HeadName } from '../assess/assessment.ts';
import type { RiskModel } from '../model/risk-model.ts';

/** Labels from which on learning beats the rule. */
export const ENOUGH_LABELS = 200;
/** A head has found something where one act in ten, or fewer, looks so odd to it. */
const ODD = 0.1;
/** Name of the part in a model file. */
export const STACKER_PART = 'stacker';

type Tails = Partial<Readonly<Record<HeadName, number>>>;

export interface LabelledTails {
  tails: Tails;
  /** Confirmed by people. */
  attack: boolean;
}

const row = new Float64Array(HEADS.length);

/** Log-odds of an attack; undefined where the model has no stacker that fits. */
export function stackHeads(model: RiskModel | undefined, tails: Tails): number | undefined {
  const stacker = model?.parts[STACKER_PART];
  if (!(stacker instanceof Logistic) || stacker.features.length !== HEADS.length) return undefined;
  if (HEADS.some((head, index) => stacker.features[index] !== head)) return undefined;
  writeDecades(tails, row, 0);
  return stacker.predict(row);
}

/** Undefined below 200 labels, or with fewer than 20 of either kind. */
export function trainStacker(labels: readonly LabelledTails[]): Logistic | undefined {
  const attacks = labels.filter(({ attack }) => attack).length;
  const fewest = ENOUGH_LABELS / 10;
  if (labels.length < ENOUGH_LABELS || attacks < fewest || labels.length - attacks < fewest) {
    return undefined;
  }
  const data = new Float64Array(labels.length * HEADS.length);
  const heard = HEADS.map((head) => isHeard(labels, head, fewest));
  labels.forEach(({ tails }, index) => {
    writeDecades(tails, data, index * HEADS.length);
    for (let head = 0; head < heard.length; head++) {
      if (!heard[head]) data[index * HEADS.length + head] = 0;
    }
  });
  const answers = Uint8Array.from(labels, ({ attack }) => Number(attack));
  return trainLogistic({ rows: labels.length, columns: HEADS.length, data }, answers, {
    features: HEADS,
    signs: HEADS.map(() => 1 as const),
  });
}

/** Of a head that found next to nothing in the labels nothing is learned: chance would be made a weight, of any size. */
function isHeard(labels: readonly LabelledTails[], head: HeadName, fewest: number): boolean {
  return labels.filter(({ tails }) => (tails[head] ?? 1) <= ODD).length >= fewest;
}

/** A head that did not speak is as it would be of a usual act. */
function writeDecades(tails: Tails, into: Float64Array, offset: number): void {
  HEADS.forEach((head, index) => {
    const tail = tails[head] ?? 1;
    into[offset + index] = tail > 0 ? -Math.log10(tail) : 12;
  });
}

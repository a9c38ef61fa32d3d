// What a trained model says of the share of legitimate acts at least this odd, before a realm can tell.

import type { TrainingTails } from '../model/risk-model.ts';

/** Undefined where the training has nothing for the bucket. In (0, 1]; never rises with the score. */
export function trainingTail(
  tails: TrainingTails | undefined,
  bucket: number,
  raw: number,
): number | undefined {
  const scores = tails?.raw[bucket];
  const shares = tails?.tail[bucket];
  if (scores === undefined || shares === undefined || scores.length === 0) return undefined;
  const last = scores.length - 1;
  if (raw >= scores[last]!) return shares[last];
  if (!(raw >= scores[0]!)) return 1;
  let [low, high] = [0, last];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scores[middle]! < raw) low = middle + 1;
    else high = middle;
  }
  const [here, there] = [shares[low]!, shares[low - 1] ?? 1];
  if (low === 0 || scores[low] === raw) return here;
  const part = (raw - scores[low - 1]!) / (scores[low]! - scores[low - 1]!);
  return there * (here / there) ** part;
}

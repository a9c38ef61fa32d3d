// Trains boosted trees on binary labels.
import type { Matrix } from '../matrix.ts';
import type { Booster } from './booster.ts';
import type { BoosterOptions } from './booster-options.ts';

export function trainBooster(
  _x: Matrix,
  _y: Float64Array | Uint8Array,
  _options: BoosterOptions,
): Booster {
  throw new Error('not built yet');
}

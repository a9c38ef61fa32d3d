// Reads a model that LightGBM wrote as text.
import type { Booster } from '../booster/booster.ts';

/** @throws CodedError `lightgbm_malformed` `lightgbm_unsupported` */
export function readLightGbmText(_text: string): Booster {
  throw new Error('not built yet');
}

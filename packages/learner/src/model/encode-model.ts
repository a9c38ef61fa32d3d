// A model as bytes.
import type { Model } from './model.ts';

/** The same model always gives the same bytes: JSON in UTF-8. */
export function encodeModel(_model: Model): Uint8Array {
  throw new Error('not built yet');
}

// Bytes as a model.
import type { Model } from './model.ts';

/** @throws CodedError `model_too_large` `model_unreadable` `model_schema_unknown` `model_malformed` */
export function decodeModel(_bytes: Uint8Array): Model {
  throw new Error('not built yet');
}

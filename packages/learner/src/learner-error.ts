// The closed codes of this room: what it refuses to learn from, and why a model is not opened.

import { CodedError } from '@countersign/vocabulary';

export type LearnerRefusal =
  /** Options that no training can follow. */
  | 'options_invalid'
  /** Rows, labels or weights that do not fit each other. */
  | 'data_invalid'
  /** Larger than a model may be. */
  | 'model_too_large'
  /** Not text of a model at all, or cut off. */
  | 'model_unreadable'
  /** A schema that this version does not know. */
  | 'model_schema_unknown'
  /** Of a known schema, and wrong: lengths, numbers, trees that do not end. */
  | 'model_malformed'
  /** Shorter or longer than its signed header says. */
  | 'model_truncated'
  /** Signed by a key that was not given. */
  | 'model_key_unknown'
  /** The signature does not fit. */
  | 'model_signature_wrong'
  /** Text that is not a model of LightGBM. */
  | 'lightgbm_malformed'
  /** A model of LightGBM that uses what is not read here. */
  | 'lightgbm_unsupported';

export function learnerRefusal(
  code: LearnerRefusal,
  message: string,
  options: { detail?: string; cause?: unknown } = {},
): CodedError<LearnerRefusal> {
  return new CodedError(code, message, options);
}

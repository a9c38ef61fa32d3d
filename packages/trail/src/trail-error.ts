// What this room refuses to read or to write. What verification finds is a value, never thrown.

import { CodedError, type CodedErrorOptions } from '@countersign/vocabulary';

export type TrailCode =
  /** A manifest, an anchor entry or an anchor proof is not exactly as its format says. */
  | 'trail_malformed'
  /** What is to be written does not fit together: it would be refused when it is read. */
  | 'trail_inconsistent'
  /** An anchor does not hold what is said of it. */
  | 'anchor_unproven';

export function trailError(
  code: TrailCode,
  message: string,
  options: CodedErrorOptions = {},
): CodedError<TrailCode> {
  return new CodedError(code, message, options);
}

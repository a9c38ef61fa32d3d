// Why nothing could be pulled. What passes by itself says when to ask again.

import { CodedError } from '@countersign/vocabulary';

export type PullCode =
  | 'source_setting'
  | 'source_secret'
  | 'source_unreachable'
  | 'source_refused'
  | 'source_throttled'
  | 'source_broken'
  | 'page_gone';

export function pullError(
  code: PullCode,
  message: string,
  options: { cause?: unknown; retryAfterSeconds?: number } = {},
): CodedError<PullCode> {
  return new CodedError(code, message, options);
}

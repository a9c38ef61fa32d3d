// Why a sink did not take what it was sent, as far as it matters for what is done next.

import { CodedError } from '@countersign/vocabulary';

export type PushCode =
  /** No whole answer in time: everything is sent again. */
  | 'sink_unreachable'
  /** Too much at the moment: everything is sent again, later. */
  | 'sink_throttled'
  /** Credential or address are wrong: nothing will be taken until somebody mends that. */
  | 'sink_refused'
  /** Something in this batch is not acceptable to the sink; perhaps one event of it. */
  | 'batch_rejected'
  /** The sink wants no more, for good (HTTP 410). */
  | 'sink_gone'
  | 'sink_setting'
  | 'sink_secret'
  | 'sink_unknown'
  | 'sink_exists'
  | 'too_many_sinks';

export function pushError(
  code: PushCode,
  message: string,
  options: { cause?: unknown; retryAfterSeconds?: number } = {},
): CodedError<PushCode> {
  return new CodedError(code, message, options);
}

// The closed codes of this room: what an append may be refused with, and why a log does not open.

import { CodedError, type CodedErrorOptions } from '@countersign/vocabulary';

/** Refusals of a single request; the log goes on. */
export type RequestRefusal =
  | 'entry_malformed'
  | 'clock_skew'
  | 'busy'
  | 'log_full'
  | 'log_stopped'
  | 'request_malformed'
  | 'feed_malformed'
  | 'index_out_of_range';

/** Reasons not to open, or not to go on with, a log. Each needs a person, except `log_locked`. */
export type LogRefusal =
  | 'log_missing'
  | 'log_half_made'
  | 'folder_not_empty'
  | 'log_locked'
  | 'log_format_unknown'
  | 'origin_malformed'
  | 'origin_mismatch'
  | 'key_unreadable'
  | 'wal_corrupt'
  | 'head_corrupt'
  | 'tiles_corrupt'
  | 'rollback'
  | 'log_forked'
  | 'clock_behind'
  | 'fenced'
  | 'disk_failed';

export type TransparencyCode = RequestRefusal | LogRefusal;

/** Builds this room's refusals; `message` is safe to show. */
export function refusal(
  code: TransparencyCode,
  message: string,
  options?: CodedErrorOptions,
): CodedError<TransparencyCode> {
  return new CodedError(code, message, options);
}

/** What everything is refused with once the log has stopped. */
export function stopped(cause?: unknown): CodedError<TransparencyCode> {
  return refusal('log_stopped', 'The log has stopped and is being restarted.', {
    cause,
    retryAfterSeconds: 1,
  });
}

// The refusals of this room.

import { CodedError } from '@countersign/vocabulary';

export type ArchiveCode =
  /** A request to the archivist that is none. */
  | 'archive_malformed'
  /** The archivist is gone or does not answer. Temporary. */
  | 'archive_unavailable'
  /** A file of the archive is missing or damaged: part of the history cannot be read. */
  | 'archive_damaged'
  /** The archivist was asked for events that it has not followed yet. Temporary. */
  | 'archive_behind'
  /** What the archivist holds does not go on where the sealed history ends. */
  | 'archive_inconsistent'
  /** An anchor that was never announced. */
  | 'anchor_unknown'
  /** A question to the archive that is out of bounds. */
  | 'query_malformed'
  /** A cursor that is none, or that belongs to another question. */
  | 'cursor_malformed'
  /** A search took longer than it may: it asks for too much at once. */
  | 'search_timeout'
  /** A retention profile that does not exist. */
  | 'retention_unknown'
  /** An erasure that does not exist, or of a person that is not named. */
  | 'erasure_malformed';

export function archiveError(
  code: ArchiveCode,
  message: string,
  { cause, retryAfterSeconds }: { cause?: unknown; retryAfterSeconds?: number } = {},
): CodedError<ArchiveCode> {
  return new CodedError(code, message, {
    ...(cause === undefined ? {} : { cause }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

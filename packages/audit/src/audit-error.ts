// The refusals of this room.

import { CodedError, isCodedError } from '@countersign/vocabulary';

export type AuditCode =
  | 'event_malformed'
  | 'event_too_large'
  /** The ledger row came after the reconciler had judged its leaf or its signature. */
  | 'issued_too_late'
  /** The root, grant or session was ended while the token was being made. */
  | 'lineage_ended'
  /** Another token has this log index, journal number, hash or `jti`. */
  | 'already_issued'
  | 'issued_malformed'
  | 'uses_malformed'
  | 'accesses_malformed'
  | 'import_malformed'
  | 'query_malformed'
  /** The ledger belongs to another log, or has seen too many. */
  | 'log_changed'
  /** The same of signers. */
  | 'signer_changed'
  | 'reconciler_overtaken';

export function auditError(
  code: AuditCode,
  message: string,
  cause?: unknown,
): CodedError<AuditCode> {
  return new CodedError(code, message, cause === undefined ? {} : { cause });
}

/** Gives a refusal of our triggers and unique columns its name; hands everything else back. */
export function refusalOfLedger(error: unknown): unknown {
  if (!isCodedError(error)) return error;
  if (error.code === 'storage_conflict') {
    return auditError('already_issued', 'A token is entered in the ledger once.', error);
  }
  const detail = error.detail ?? '';
  if (detail.includes('issued_too_late')) {
    return auditError('issued_too_late', 'The token took too long to make; start again.', error);
  }
  if (detail.includes('lineage_ended')) {
    return auditError('lineage_ended', 'The sign-in behind this token has ended.', error);
  }
  return error;
}

// The closed codes of this room: why the signer refuses a request, and why it refuses to start.

import { CodedError, type CodedErrorOptions } from '@countersign/vocabulary';

/** Why a request was refused. Every code but the last three stays true until the request changes. */
export type SignerRefusal =
  | 'unknown_key'
  | 'key_not_yet_valid'
  | 'key_expired'
  /** The key is planned or published: it signs later. */
  | 'key_not_active'
  /** The key is retiring or retired: it never signs again. */
  | 'key_retired'
  | 'key_revoked'
  | 'issuer_out_of_scope'
  | 'tenant_out_of_scope'
  | 'audience_out_of_scope'
  | 'token_type_out_of_scope'
  | 'lifetime_too_long'
  | 'receipt_missing'
  | 'receipt_invalid'
  | 'header_malformed'
  | 'payload_malformed'
  | 'issued_in_future'
  | 'too_large'
  /** `makeKey` was asked for a scope that no key may have. */
  | 'scope_malformed'
  /** `makeKey` was asked for a scope that contradicts the keys this issuer already has. */
  | 'scope_conflict'
  /** The request itself does not parse: a bug in the asking process. */
  | 'request_malformed'
  /** `changeKey` was asked for a state that may not follow the one the key is in. */
  | 'life_conflict'
  /** A custody made a key that is here already (C-06). */
  | 'key_duplicate'
  | 'key_limit'
  /** This custody has no such algorithm, or was not set up. */
  | 'custody_unsupported'
  | 'journal_full'
  | 'signer_unavailable';

/** Why custody or journal would not open. Each message says what a person can do. */
export type CustodyRefusal =
  | 'passphrase_wrong'
  | 'passphrase_missing'
  | 'custody_missing'
  | 'custody_corrupt'
  | 'key_file_corrupt'
  | 'key_file_missing'
  | 'key_folder_foreign_file'
  /** A key is over, and its private half is there yet: its custody or the disk did not let go of it. */
  | 'key_not_destroyed'
  /** The file is whole, and the private half is not in it. */
  | 'key_elsewhere'
  /** This signer was not started with the custody that holds the key, or was asked for another. */
  | 'custody_not_set_up'
  /** The driver of a custody cannot be loaded: an optional package, or the token's module. */
  | 'custody_not_installed'
  /** The token or the cloud is not there, or is not the one that has our keys. */
  | 'custody_unreachable'
  /** There is no such key in the custody. */
  | 'custody_key_missing'
  /** Two keys in the custody have one kid. */
  | 'custody_key_duplicate'
  /** The custody has another key under that name, or one that can be taken out. */
  | 'custody_key_unfit'
  | 'pin_missing'
  /** The token refused the PIN, which is not asked for again: tokens lock after a few. */
  | 'pin_wrong'
  | 'credentials_missing'
  | 'credentials_refused'
  /** A key is there of which nobody knows how far it is in its life. */
  | 'key_life_missing'
  | 'key_life_corrupt'
  | 'access_corrupt'
  /** The record of keys that are over is not as it was left, or lines of it are gone. */
  | 'ended_keys_corrupt'
  | 'folder_locked'
  | 'journal_corrupt';

const TEMPORARY: ReadonlySet<SignerRefusal> = new Set(['journal_full', 'signer_unavailable']);
/** Time for an operator or a supervisor to act before a retry makes sense. */
export const RETRY_AFTER_SECONDS = 5;

/** A refusal for the asking process; temporary codes carry `retryAfterSeconds`. */
export function signerRefusal(
  code: SignerRefusal,
  message: string,
  options: CodedErrorOptions = {},
): CodedError<SignerRefusal> {
  return new CodedError(
    code,
    message,
    TEMPORARY.has(code) ? { retryAfterSeconds: RETRY_AFTER_SECONDS, ...options } : options,
  );
}

export function custodyRefusal(
  code: CustodyRefusal,
  message: string,
  options: CodedErrorOptions = {},
): CodedError<CustodyRefusal> {
  return new CodedError(code, message, options);
}

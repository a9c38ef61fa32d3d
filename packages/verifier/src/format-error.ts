// What decoding refuses: bytes, notes, keys, receipts and policies that are not exactly what their
// format says. Equal in shape to the vocabulary's CodedError, which this room must not import.

export type FormatCode =
  | 'bytes_malformed'
  | 'number_out_of_range'
  | 'vkey_malformed'
  | 'note_malformed'
  | 'note_unsigned'
  | 'note_signature_invalid'
  | 'checkpoint_malformed'
  | 'checkpoint_origin_mismatch'
  | 'checkpoint_unwitnessed'
  | 'leaf_malformed'
  | 'receipt_malformed'
  | 'tag_key_malformed'
  | 'policy_malformed'
  | 'tlog_policy_malformed'
  | 'proof_impossible'
  | 'tlog_proof_malformed'
  | 'tlog_proof_invalid'
  | 'key_malformed'
  | 'json_malformed'
  | 'json_duplicate_member';

/** A refusal to read something malformed. `message` is one sentence that is safe to show. */
export class FormatError extends Error {
  readonly code: FormatCode;

  constructor(code: FormatCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'FormatError';
    this.code = code;
  }
}

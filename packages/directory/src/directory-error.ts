// The refusals of this room, and how a refusal of the store gets a name a caller understands.

import { CodedError, isCodedError } from '@countersign/vocabulary';

export type DirectoryCode =
  | 'bad_tenant'
  | 'tenant_exists'
  | 'tenant_unknown'
  | 'realm_unknown'
  | 'bad_person'
  | 'username_taken'
  | 'person_unknown'
  | 'bad_password'
  /** Too many passwords are being hashed; temporary. */
  | 'too_busy'
  | 'bad_passkey'
  /** Another account has it. */
  | 'passkey_taken'
  | 'passkey_unknown'
  | 'too_many_passkeys'
  | 'bad_client'
  | 'client_exists'
  | 'client_unknown'
  /** The client authenticates without a secret, so it cannot be given one. */
  | 'client_without_secret'
  | 'bad_resource'
  | 'resource_exists'
  | 'resource_unknown'
  | 'bad_credential_name'
  | 'credential_unknown'
  | 'bad_operator_name'
  | 'operator_exists'
  | 'operator_unknown'
  | 'bad_reader'
  | 'reader_unknown'
  | 'bad_search'
  | 'search_exists'
  | 'search_unknown'
  | 'too_many_searches'
  | 'bad_consent'
  | 'bad_page'
  /** A stored row does not have the form this room writes: somebody else wrote it. */
  | 'record_damaged';

type Renaming = Partial<Record<'storage_conflict' | 'storage_constraint', [DirectoryCode, string]>>;

/** Awaits a write and gives the named refusals of the store their meaning here. */
export async function renaming<T>(write: Promise<T>, names: Renaming): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const code = error.code;
    const name = code === 'storage_conflict' || code === 'storage_constraint' ? names[code] : null;
    if (name === null || name === undefined) throw error;
    throw new CodedError<DirectoryCode>(name[0], name[1], { cause: error });
  }
}

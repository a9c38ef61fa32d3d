// The tables of this room as Kysely sees them. Lists and metadata are JSON text; times are
// milliseconds since the Unix epoch; yes and no are 1 and 0.

import type { RealmId } from '@countersign/vocabulary';

export interface DirectoryTables {
  directory_tenant: { name: string; display_name: string; created_ms: number };
  directory_realm: { realm: RealmId; tenant: string; population: string };
  directory_person: PersonRow;
  directory_password: {
    realm: RealmId;
    person_id: string;
    /** PHC string, argon2id. */
    hash: string;
    set_ms: number;
  };
  directory_passkey: PasskeyRow;
  directory_passkey_handle: { realm: RealmId; person_id: string; handle: string };
  directory_removed_passkey: {
    realm: RealmId;
    person_id: string;
    id: string;
    name: string;
    removed_ms: number;
  };
  directory_client: {
    realm: RealmId;
    client_id: string;
    metadata: string;
    created_ms: number;
    updated_ms: number;
  };
  directory_client_secret: {
    realm: RealmId;
    client_id: string;
    /** SHA-256 of the secret, lower-case hex. */
    hash: string;
    created_ms: number;
    /** Null: until replaced. */
    expires_ms: number | null;
  };
  directory_resource: {
    tenant: string;
    identifier: string;
    name: string;
    alg: string;
    access_token_lifetime_seconds: number;
    scopes: string;
    populations: string;
    created_ms: number;
    updated_ms: number;
  };
  directory_credential: {
    id: string;
    kind: 'reporter' | 'submitter';
    tenant: string | null;
    name: string;
    /** SHA-256 of the secret part, lower-case hex. */
    hash: string;
    created_ms: number;
    revoked_ms: number | null;
  };
  directory_operator: {
    id: string;
    name: string;
    /** Name of an operator. */
    made_by: string;
    /** SHA-256 of the secret part, lower-case hex. */
    hash: string;
    created_ms: number;
    revoked_ms: number | null;
    revoked_by: string | null;
  };
  directory_reader: {
    id: string;
    kind: 'tenant' | 'responder' | 'person';
    tenant: string;
    name: string;
    manage: number;
    /** Only of a person, with the realm. */
    subject: string | null;
    realm: string | null;
    /** Only of a responder. */
    reason: string | null;
    /** SHA-256 of the secret part, lower-case hex. */
    hash: string;
    made_by: string;
    created_ms: number;
    expires_ms: number | null;
    ended_ms: number | null;
    ended_by: string | null;
  };
  directory_saved_search: {
    id: string;
    tenant: string;
    name: string;
    filter: string;
    made_by: string;
    created_ms: number;
  };
  directory_consent: {
    realm: RealmId;
    person_id: string;
    client_id: string;
    scopes: string;
    resource_scopes: string;
    given_ms: number;
    updated_ms: number;
  };
}

export interface PersonRow {
  realm: RealmId;
  id: string;
  username: string;
  username_key: string;
  email: string | null;
  email_verified: number;
  name: string | null;
  disabled: number;
  created_ms: number;
  updated_ms: number;
}

export interface PasskeyRow {
  realm: RealmId;
  /** Credential id, base64url. */
  id: string;
  person_id: string;
  /** COSE key, base64url. */
  public_key: string;
  counter: number;
  /** Names, one space apart. */
  transports: string;
  multi_device: number;
  backed_up: number;
  aaguid: string;
  name: string;
  created_ms: number;
  last_used_ms: number | null;
  stopped_ms: number | null;
}

// The tables of this room: what OpenID needs to remember between requests. Values that a bearer
// could use (codes, refresh tokens, cookies, device codes) are never here, only their SHA-256.

import type { KeyLivesTables } from '../key-lives/key-lives-tables.ts';
import type { KeyPauseRow } from '../key-lives/pauses/key-pause.ts';

export interface ArtifactRow {
  realm: string;
  /** Model name of the engine: AuthorizationCode, RefreshToken, Grant, … */
  model: string;
  /** base64url SHA-256 over realm, model and value. */
  id_hash: string;
  grant_id: string | null;
  account_id: string | null;
  /** Device codes only: what the person types, normalised. */
  user_code: string | null;
  payload: string;
  /** Seconds; rows past it are dead and await the sweep. */
  expires_at: number;
  consumed_at: number | null;
}

export interface SessionRow {
  realm: string;
  /** Lasts as long as the session; the cookie value (`id_hash`) changes at every sign-in step. */
  uid: string;
  id_hash: string;
  account_id: string | null;
  signed_in_at: number | null;
  payload: string;
  expires_at: number;
}

export interface ProviderTables extends KeyLivesTables {
  provider_artifacts: ArtifactRow;
  provider_sessions: SessionRow;
  provider_key_pause: KeyPauseRow;
}

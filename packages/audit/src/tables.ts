// The tables of this room. Hashes are 32 raw bytes; times are milliseconds unless the name says
// seconds. `event` and `issued_token` only grow: triggers refuse UPDATE and DELETE.

import type { Generated } from 'kysely';
import type { GapRow, ReporterRunRow, ReporterVersionRow } from './gaps/gap-tables.ts';
import type { ImportKindRow, ImportRunRow } from './imports/import-tables.ts';

export interface EventRow {
  /** Order of recording in this store; OCSF `metadata.sequence` when read. */
  sequence: Generated<number>;
  uid: string;
  /** Null for events of the installation. */
  tenant: string | null;
  realm: string | null;
  time_ms: number;
  class_uid: number;
  type_uid: number;
  name: string;
  severity_id: number;
  subject: string | null;
  client_id: string | null;
  session_id: string | null;
  kid: string | null;
  token_hash: Uint8Array | null;
  log_index: number | null;
  root_auth_id: string | null;
  caused_by: string | null;
  /** The OCSF event as canonical JSON (RFC 8785). */
  ocsf: string;
  /** The log it was imported from; null for what happened here. */
  source: string | null;
  /**
   * 16 random bytes that go into the leaf of this event, so that a leaf tells nothing about an event
   * that was erased. Null in rows from before there was a chain: they count as 16 zero bytes.
   */
  salt: Uint8Array | null;
}

/** An imported record that is here already: see `recordImported`. */
export interface ImportKeyRow {
  /** u48 time of the event, then 10 bytes of SHA-256(source, 0, tenant, 0, key of the record). */
  key: Uint8Array;
}

export interface IssuedTokenRow {
  /** Place of the leaf, here and in every other table: see store/log-places.ts. */
  log_index: number;
  leaf_hash: Uint8Array;
  token_hash: Uint8Array;
  jti_hash: Uint8Array;
  kid: string;
  alg: string;
  typ: string;
  issuer: string;
  realm: string;
  /** JSON array. */
  audience: string;
  subject: string | null;
  client_id: string | null;
  root_auth_id: string;
  parent_jti_hash: Uint8Array | null;
  /** `direct`, `refreshed` or `exchanged`. */
  derivation: string;
  one_time: number;
  /** Place of the signature, here and in every other table: see store/signer-places.ts. */
  journal_number: number;
  key_number: number;
  signing_input_hash: Uint8Array;
  issued_at_seconds: number;
  expires_at_seconds: number;
  jkt: string | null;
  grant_id: string | null;
  session_id: string | null;
  /** Id of the assessment of the act that its session began with; null where none is known. */
  sign_in: string | null;
  recorded_ms: number;
}

/** The life of our keys as the log has it; written before the log is asked. */
export interface KeyEventRow {
  leaf_hash: Uint8Array;
  realm: string;
  issuer: string;
  kid: string;
  /** `published`, `activated`, `retired` or `revoked`. */
  event: string;
  at_ms: number;
  not_after_seconds: number;
  thumbprint: Uint8Array;
  /** Null until the log has answered; with it the receipt. */
  log_index: number | null;
  receipt: Uint8Array | null;
}

export interface AbandonedBuildRow {
  leaf_hash: Uint8Array;
  log_index: number | null;
  journal_number: number | null;
  signing_input_hash: Uint8Array | null;
  recorded_ms: number;
}

/** Numbers that a restart cut short, as closed ranges. `kind`: `log` or `journal`. */
export interface InterruptedRangeRow {
  kind: string;
  first_number: number;
  last_number: number;
  recorded_ms: number;
}

export interface UseReportRow {
  sequence: Generated<number>;
  reporter_id: string;
  report_id: string;
  tenant: string;
  received_ms: number;
  at_ms: number;
  decision: string;
  code: string | null;
  token_hash: Uint8Array;
  issuer: string | null;
  kid: string | null;
  jti_hash: Uint8Array | null;
  /** JSON array. */
  audience: string | null;
  log_index: number | null;
  leaf_hash: Uint8Array | null;
  jkt: string | null;
  /** The `token.verified` or `token.refused` event of this use. */
  event_uid: string;
}

/** Signed things that carry lineage but are in no log: opaque tokens. */
export interface OpaqueTokenRow {
  jti_hash: Uint8Array;
  realm: string;
  root_auth_id: string;
  subject: string | null;
  client_id: string | null;
  recorded_ms: number;
}

/** Who signed in at a root. */
export interface AuthRootRow {
  root_auth_id: string;
  realm: string;
  subject: string;
  recorded_ms: number;
}

export interface FindingRow {
  uid: string;
  class: string;
  /** What it is about; unique with the class: one finding however often it comes. */
  subject_key: string;
  realm: string | null;
  tenant: string | null;
  severity: string;
  proven: number;
  reason: string;
  message: string;
  token_hash: Uint8Array | null;
  issuer: string | null;
  kid: string | null;
  log_index: number | null;
  reporter_id: string | null;
  /** When it happened, by the clock of whoever saw it. */
  happened_ms: number;
  raised_ms: number;
  last_seen_ms: number;
  count: number;
  event_uid: string;
  /** When `onFinding` had returned; null until then. */
  notified_ms: number | null;
}

export interface EvidenceRow {
  token_hash: Uint8Array;
  token: string;
  reporter_id: string;
  received_ms: number;
  /** `pending` until the reconciler checked the signature, then `proven`. */
  state: string;
  /** Checks that ended without an answer. */
  attempts: Generated<number>;
}

export interface QuarantinedKeyRow {
  issuer: string;
  kid: string;
  since_ms: number;
  reason: string;
  finding_uid: string;
}

export interface RevokedTokenRow {
  log_index: number;
  jti_hash: Uint8Array;
  realm: string;
  root_auth_id: string;
  expires_at_seconds: number;
  revoked_ms: number;
  reason: string;
}

/** A grant, session or root after its end: nothing new may be issued under it. */
export interface EndedLineageRow {
  kind: string;
  realm: string;
  value: string;
  ended_ms: number;
  reason: string;
}

export interface FollowerCursorRow {
  name: string;
  /** The next number to judge. */
  position: number;
  updated_ms: number;
}

/** The logs of this house; the first is number 0. */
export interface LogRow {
  number: number;
  origin: string;
  since_ms: number;
}

/** Uses of tokens of a key of ours, summed up for each reporter and decision. */
export interface KeyUseRow {
  kid: string;
  reporter_id: string;
  tenant: string;
  decision: string;
  uses: number;
  /** By the reporter's clock, within reason. */
  first_ms: number;
  last_ms: number;
  /** By ours. */
  last_received_ms: number;
}

/** The signers of this house; the first is number 0. */
export interface SignerRow {
  number: number;
  name: string;
  since_ms: number;
}

/** What each key has signed, as far as its journal was judged. */
export interface KeyTallyRow {
  kid: string;
  /** Number of the signer in whose journal the key signs. */
  signer: number;
  issuer: string | null;
  realm: string | null;
  /** The first key number that is counted. Null, like the next, until one was. */
  first_number: number | null;
  /** One past the last that was judged: from here on ledger rows may still come. */
  next_number: number | null;
}

/** A signature that was judged and has no ledger row, nor ever will: rows behind the cursor are refused. */
export interface UnusedSignatureRow {
  kid: string;
  key_number: number;
  journal_number: number;
  /** `abandoned`, `interrupted` or `unissued`. */
  reason: string;
  recorded_ms: number;
}

export interface AuditTables {
  log: LogRow;
  signer: SignerRow;
  key_tally: KeyTallyRow;
  unused_signature: UnusedSignatureRow;
  event: EventRow;
  import_key: ImportKeyRow;
  issued_token: IssuedTokenRow;
  key_event: KeyEventRow;
  abandoned_build: AbandonedBuildRow;
  interrupted_range: InterruptedRangeRow;
  use_report: UseReportRow;
  opaque_token: OpaqueTokenRow;
  auth_root: AuthRootRow;
  finding: FindingRow;
  evidence: EvidenceRow;
  quarantined_key: QuarantinedKeyRow;
  revoked_token: RevokedTokenRow;
  ended_lineage: EndedLineageRow;
  follower_cursor: FollowerCursorRow;
  key_use: KeyUseRow;
  gap: GapRow;
  import_run: ImportRunRow;
  import_kind: ImportKindRow;
  reporter_run: ReporterRunRow;
  reporter_version: ReporterVersionRow;
}

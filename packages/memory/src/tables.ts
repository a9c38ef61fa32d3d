// The tables of this room. Bodies are bytes or JSON that only the engines and the server can read; what
// is searched for has a column. No address, user agent or key of a device is in any of them, only keyed
// hashes of these.

/** One act that was judged, failed, settled or commented on: what the memory is folded from. */
export interface RiskActTable {
  /** Given by this room, in the order of folding; never used again. */
  sequence: number;
  /** Of an assessment: the id of its attempt. */
  id: string;
  kind: string;
  realm: string;
  subject: string | null;
  client: string | null;
  session: string | null;
  time_ms: number;
  score: number | null;
  level: string | null;
  action: string | null;
  /** Of what settles or comments: the assessment it is about. */
  about: string | null;
  /** JSON, see `acts/act.ts`. */
  body: string;
}

export interface RiskProfileTable {
  realm: string;
  subject: string;
  profile: Uint8Array;
  standing: Uint8Array | null;
  /** Of the standing when it was written; it decays. */
  standing_score: number;
  standing_level: string;
  changed_ms: number;
}

export interface RiskRealmTable {
  realm: string;
  counts: Uint8Array;
  infrastructure: Uint8Array;
  calibration: Uint8Array;
  detectors: Uint8Array;
  changed_ms: number;
}

/** What a profile was when the first act of a day was about to change it. */
export interface RiskSnapshotTable {
  realm: string;
  /** Empty: the row of the realm itself. */
  subject: string;
  /** Days since the Unix epoch, UTC. */
  day: number;
  /** Null: there was none yet. */
  profile: Uint8Array | null;
}

export interface RiskCursorTable {
  name: string;
  /** Everything up to it is in the rows of profiles and realms. */
  sequence: number;
  changed_ms: number;
}

export interface RiskKeyTable {
  tenant: string;
  /** Counts up from 1. */
  generation: number;
  made_ms: number;
  /** Encrypted: nonce, ciphertext, tag. */
  sealed: Uint8Array;
}

export interface RiskModelTable {
  /** `champion` or `challenger`. */
  role: string;
  id: string;
  bytes: Uint8Array;
  put_ms: number;
  put_by: string;
}

export interface RiskPolicyTable {
  tenant: string;
  /** JSON, checked by whoever reads it. */
  body: string;
  changed_ms: number;
  changed_by: string;
}

export interface MemoryTables {
  risk_act: RiskActTable;
  risk_profile: RiskProfileTable;
  risk_realm: RiskRealmTable;
  risk_snapshot: RiskSnapshotTable;
  risk_cursor: RiskCursorTable;
  risk_key: RiskKeyTable;
  risk_model: RiskModelTable;
  risk_policy: RiskPolicyTable;
}

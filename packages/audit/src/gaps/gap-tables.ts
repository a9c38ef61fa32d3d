// Gaps that were noticed and not yet told, one row for each tenant, source and reason; and what is
// known of the verifiers that report.

export interface GapRow {
  /** Empty for the installation. */
  tenant: string;
  source_kind: string;
  source_id: string;
  reason: string;
  source_name: string | null;
  /** Since the last event. */
  count: number;
  /** How often it was noticed since the last event; 0 when there is nothing to tell. */
  noticed: number;
  first_ms: number;
  last_ms: number;
  most_ms: number;
  /** When it was first noticed since the last event, by our clock. */
  since_ms: number;
  /** When the last event was recorded; 0 for never. */
  told_ms: number;
}

/** One process of a verifier, and how much it says it lost since it started. */
export interface ReporterRunRow {
  reporter_id: string;
  run: string;
  dropped: number;
  throttled: number;
  seen_ms: number;
}

/** A version of a verifier that reported. */
export interface ReporterVersionRow {
  reporter_id: string;
  name: string;
  version: string;
  first_ms: number;
}

export const gapTables = [
  `CREATE TABLE gap (
    tenant TEXT NOT NULL, source_kind TEXT NOT NULL, source_id TEXT NOT NULL, reason TEXT NOT NULL,
    source_name TEXT, count INTEGER NOT NULL, noticed INTEGER NOT NULL, first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL, most_ms INTEGER NOT NULL, since_ms INTEGER NOT NULL,
    told_ms INTEGER NOT NULL, PRIMARY KEY (tenant, source_kind, source_id, reason)) WITHOUT ROWID`,
  'CREATE INDEX gap_untold ON gap (since_ms) WHERE noticed > 0',
  `CREATE TABLE reporter_run (
    reporter_id TEXT NOT NULL, run TEXT NOT NULL, dropped INTEGER NOT NULL,
    throttled INTEGER NOT NULL, seen_ms INTEGER NOT NULL, PRIMARY KEY (reporter_id, run))
    WITHOUT ROWID`,
  `CREATE TABLE reporter_version (
    reporter_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, first_ms INTEGER NOT NULL,
    PRIMARY KEY (reporter_id, name, version)) WITHOUT ROWID`,
] as const;

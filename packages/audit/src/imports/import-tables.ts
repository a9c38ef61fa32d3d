// What was brought in, run by run, and which kinds of records no map knew.

export interface ImportRunRow {
  tenant: string;
  run: string;
  by: string;
  started_ms: number;
  last_ms: number;
  /** Null until the run said that it is over. */
  ended_ms: number | null;
  recorded: number;
  known: number;
  unmapped: number;
  future: number;
  truncated: number;
  unreadable: number;
}

/** What came of one source, by what it calls itself; bounded, the rest is summed up in `…`. */
export interface ImportKindRow {
  tenant: string;
  source: string;
  operation: string;
  /** 1: a map knows it. */
  mapped: number;
  count: number;
  first_ms: number;
  last_ms: number;
  /** An event to look at. */
  last_uid: string;
}

export const importTables = [
  `CREATE TABLE import_run (
    tenant TEXT NOT NULL, run TEXT NOT NULL, by TEXT NOT NULL, started_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL, ended_ms INTEGER, recorded INTEGER NOT NULL, known INTEGER NOT NULL,
    unmapped INTEGER NOT NULL, future INTEGER NOT NULL, truncated INTEGER NOT NULL,
    unreadable INTEGER NOT NULL, PRIMARY KEY (tenant, run)) WITHOUT ROWID`,
  'CREATE INDEX import_run_time ON import_run (tenant, started_ms)',
  `CREATE TABLE import_kind (
    tenant TEXT NOT NULL, source TEXT NOT NULL, operation TEXT NOT NULL, mapped INTEGER NOT NULL,
    count INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
    last_uid TEXT NOT NULL, PRIMARY KEY (tenant, source, mapped, operation)) WITHOUT ROWID`,
] as const;

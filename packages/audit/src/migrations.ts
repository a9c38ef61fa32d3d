// The schema of this room, as steps. Triggers keep the two promises a table alone cannot: what was
// recorded stays, and nothing is issued under an ended root or behind the reconciler's back.

import type { Migration } from '@countersign/storage';
import { type Kysely, sql } from 'kysely';
import { gapTables } from './gaps/gap-tables.ts';
import { importTables } from './imports/import-tables.ts';
import { PLACES_EACH } from './store/numbered-places.ts';

const eventTables = [
  `CREATE TABLE event (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE,
    tenant TEXT, realm TEXT, time_ms INTEGER NOT NULL, class_uid INTEGER NOT NULL,
    type_uid INTEGER NOT NULL, name TEXT NOT NULL, severity_id INTEGER NOT NULL,
    subject TEXT, client_id TEXT, session_id TEXT, kid TEXT, token_hash BLOB,
    log_index INTEGER, root_auth_id TEXT, caused_by TEXT, ocsf TEXT NOT NULL)`,
  'CREATE INDEX event_tenant ON event (tenant, sequence) WHERE tenant IS NOT NULL',
  'CREATE INDEX event_name ON event (name, sequence)',
  // A hash falls anywhere in its index, so that each insertion writes a page of its own. Most events
  // are issues, and those are found by their place in the log, which only grows.
  "CREATE INDEX event_token ON event (token_hash) WHERE token_hash IS NOT NULL AND name <> 'token.issued'",
  "CREATE INDEX event_issued ON event (log_index) WHERE name = 'token.issued'",
  'CREATE INDEX event_cause ON event (caused_by) WHERE caused_by IS NOT NULL',
];

const ledgerTables = [
  `CREATE TABLE issued_token (
    log_index INTEGER PRIMARY KEY, leaf_hash BLOB NOT NULL, token_hash BLOB NOT NULL UNIQUE,
    jti_hash BLOB NOT NULL UNIQUE, kid TEXT NOT NULL, alg TEXT NOT NULL, typ TEXT NOT NULL,
    issuer TEXT NOT NULL, realm TEXT NOT NULL, audience TEXT NOT NULL, subject TEXT,
    client_id TEXT, root_auth_id TEXT NOT NULL, parent_jti_hash BLOB, derivation TEXT NOT NULL,
    one_time INTEGER NOT NULL, journal_number INTEGER NOT NULL UNIQUE,
    key_number INTEGER NOT NULL, signing_input_hash BLOB NOT NULL,
    issued_at_seconds INTEGER NOT NULL, expires_at_seconds INTEGER NOT NULL, jkt TEXT,
    grant_id TEXT, session_id TEXT, recorded_ms INTEGER NOT NULL)`,
  'CREATE INDEX issued_root ON issued_token (root_auth_id, log_index)',
  'CREATE INDEX issued_parent ON issued_token (parent_jti_hash) WHERE parent_jti_hash IS NOT NULL',
  'CREATE INDEX issued_grant ON issued_token (grant_id) WHERE grant_id IS NOT NULL',
  'CREATE INDEX issued_session ON issued_token (session_id) WHERE session_id IS NOT NULL',
  `CREATE TABLE abandoned_build (
    leaf_hash BLOB PRIMARY KEY, log_index INTEGER, journal_number INTEGER,
    signing_input_hash BLOB, recorded_ms INTEGER NOT NULL) WITHOUT ROWID`,
  'CREATE INDEX abandoned_journal ON abandoned_build (journal_number) WHERE journal_number IS NOT NULL',
  'CREATE INDEX abandoned_input ON abandoned_build (signing_input_hash) WHERE signing_input_hash IS NOT NULL',
  `CREATE TABLE interrupted_range (
    kind TEXT NOT NULL, first_number INTEGER NOT NULL, last_number INTEGER NOT NULL,
    recorded_ms INTEGER NOT NULL, PRIMARY KEY (kind, first_number)) WITHOUT ROWID`,
  `CREATE TABLE opaque_token (
    jti_hash BLOB PRIMARY KEY, realm TEXT NOT NULL, root_auth_id TEXT NOT NULL, subject TEXT,
    client_id TEXT, recorded_ms INTEGER NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE auth_root (
    root_auth_id TEXT PRIMARY KEY, realm TEXT NOT NULL, subject TEXT NOT NULL,
    recorded_ms INTEGER NOT NULL) WITHOUT ROWID`,
];

const judgementTables = [
  `CREATE TABLE use_report (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, reporter_id TEXT NOT NULL,
    report_id TEXT NOT NULL, tenant TEXT NOT NULL, received_ms INTEGER NOT NULL,
    at_ms INTEGER NOT NULL, decision TEXT NOT NULL, code TEXT, token_hash BLOB NOT NULL,
    issuer TEXT, kid TEXT, jti_hash BLOB, audience TEXT, log_index INTEGER, leaf_hash BLOB,
    jkt TEXT, event_uid TEXT NOT NULL, UNIQUE (reporter_id, report_id))`,
  'CREATE INDEX use_token ON use_report (token_hash)',
  `CREATE TABLE finding (
    uid TEXT PRIMARY KEY, class TEXT NOT NULL, subject_key TEXT NOT NULL, realm TEXT,
    tenant TEXT, severity TEXT NOT NULL, proven INTEGER NOT NULL, reason TEXT NOT NULL,
    message TEXT NOT NULL, token_hash BLOB, issuer TEXT, kid TEXT, log_index INTEGER,
    reporter_id TEXT, happened_ms INTEGER NOT NULL, raised_ms INTEGER NOT NULL,
    last_seen_ms INTEGER NOT NULL, count INTEGER NOT NULL, event_uid TEXT NOT NULL,
    notified_ms INTEGER, UNIQUE (class, subject_key)) WITHOUT ROWID`,
  'CREATE INDEX finding_raised ON finding (raised_ms)',
  'CREATE INDEX finding_silent ON finding (raised_ms) WHERE notified_ms IS NULL',
  `CREATE TABLE evidence (
    token_hash BLOB PRIMARY KEY, token TEXT NOT NULL, reporter_id TEXT NOT NULL,
    received_ms INTEGER NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0)`,
  "CREATE INDEX evidence_pending ON evidence (reporter_id) WHERE state = 'pending'",
  `CREATE TABLE quarantined_key (
    issuer TEXT NOT NULL, kid TEXT NOT NULL, since_ms INTEGER NOT NULL, reason TEXT NOT NULL,
    finding_uid TEXT NOT NULL, PRIMARY KEY (issuer, kid)) WITHOUT ROWID`,
  `CREATE TABLE revoked_token (
    log_index INTEGER PRIMARY KEY, jti_hash BLOB NOT NULL, realm TEXT NOT NULL,
    root_auth_id TEXT NOT NULL, expires_at_seconds INTEGER NOT NULL,
    revoked_ms INTEGER NOT NULL, reason TEXT NOT NULL)`,
  'CREATE INDEX revoked_live ON revoked_token (expires_at_seconds)',
  `CREATE TABLE ended_lineage (
    kind TEXT NOT NULL, realm TEXT NOT NULL, value TEXT NOT NULL, ended_ms INTEGER NOT NULL,
    reason TEXT NOT NULL, PRIMARY KEY (kind, realm, value)) WITHOUT ROWID`,
  `CREATE TABLE follower_cursor (
    name TEXT PRIMARY KEY, position INTEGER NOT NULL, updated_ms INTEGER NOT NULL) WITHOUT ROWID`,
  `INSERT INTO follower_cursor (name, position, updated_ms)
    VALUES ('log', 0, 0), ('journal', 1, 0), ('uses', 1, 0)`,
];

const loggedKeyTables = [
  `CREATE TABLE key_event (
    leaf_hash BLOB PRIMARY KEY, realm TEXT NOT NULL, issuer TEXT NOT NULL, kid TEXT NOT NULL,
    event TEXT NOT NULL, at_ms INTEGER NOT NULL, not_after_seconds INTEGER NOT NULL,
    thumbprint BLOB NOT NULL, log_index INTEGER, receipt BLOB,
    CHECK ((log_index IS NULL) = (receipt IS NULL))) WITHOUT ROWID`,
  `CREATE UNIQUE INDEX key_event_settled ON key_event
    (issuer, kid, event, thumbprint, not_after_seconds) WHERE receipt IS NOT NULL`,
  `CREATE TRIGGER key_event_stays BEFORE DELETE ON key_event
    BEGIN SELECT RAISE(ABORT, 'append_only'); END`,
  // What the log has answered is final; until then only the answer may be added.
  `CREATE TRIGGER key_event_unchanged BEFORE UPDATE ON key_event
    WHEN OLD.receipt IS NOT NULL OR NEW.leaf_hash <> OLD.leaf_hash OR NEW.issuer <> OLD.issuer
      OR NEW.kid <> OLD.kid OR NEW.event <> OLD.event OR NEW.at_ms <> OLD.at_ms
      OR NEW.thumbprint <> OLD.thumbprint OR NEW.not_after_seconds <> OLD.not_after_seconds
    BEGIN SELECT RAISE(ABORT, 'append_only'); END`,
];

// Of the first log, number 0, places are indexes: nothing that is on record has to change.
const severalLogs = [
  `CREATE TABLE log (
    number INTEGER PRIMARY KEY, origin TEXT NOT NULL UNIQUE, since_ms INTEGER NOT NULL)`,
  'DROP TRIGGER issued_token_judged',
  `CREATE TRIGGER issued_token_judged BEFORE INSERT ON issued_token
    WHEN NEW.log_index < (SELECT position FROM follower_cursor WHERE name =
        CASE WHEN NEW.log_index < ${PLACES_EACH} THEN 'log'
          ELSE 'log:' || (NEW.log_index / ${PLACES_EACH}) END)
      OR NEW.journal_number < (SELECT position FROM follower_cursor WHERE name = 'journal')
    BEGIN SELECT RAISE(ABORT, 'issued_too_late'); END`,
];

// Numbers and expiries of one key nearly always grow, so that an insertion writes the page it wrote last.
const keyExposure = [
  'CREATE INDEX issued_key ON issued_token (kid, key_number)',
  'CREATE INDEX issued_live ON issued_token (kid, expires_at_seconds)',
  `CREATE TABLE key_use (
    kid TEXT NOT NULL, reporter_id TEXT NOT NULL, tenant TEXT NOT NULL, decision TEXT NOT NULL,
    uses INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
    last_received_ms INTEGER NOT NULL, PRIMARY KEY (kid, reporter_id, decision)) WITHOUT ROWID`,
  `INSERT INTO key_use SELECT t.kid, u.reporter_id, u.tenant, u.decision, count(*),
      min(u.at_ms), max(u.at_ms), max(u.received_ms)
    FROM use_report AS u JOIN issued_token AS t ON t.token_hash = u.token_hash
    WHERE u.sequence < (SELECT position FROM follower_cursor WHERE name = 'uses')
    GROUP BY t.kid, u.reporter_id, u.decision`,
];

// Of the first signer, number 0, places are journal numbers: as with logs, nothing has to change.
const severalSigners = [
  `CREATE TABLE signer (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, since_ms INTEGER NOT NULL)`,
  'DROP TRIGGER issued_token_judged',
  `CREATE TRIGGER issued_token_judged BEFORE INSERT ON issued_token
    WHEN NEW.log_index < (SELECT position FROM follower_cursor WHERE name =
        CASE WHEN NEW.log_index < ${PLACES_EACH} THEN 'log'
          ELSE 'log:' || (NEW.log_index / ${PLACES_EACH}) END)
      OR NEW.journal_number < (SELECT position FROM follower_cursor WHERE name =
        CASE WHEN NEW.journal_number < ${PLACES_EACH} THEN 'journal'
          ELSE 'journal:' || (NEW.journal_number / ${PLACES_EACH}) END)
    BEGIN SELECT RAISE(ABORT, 'issued_too_late'); END`,
  'CREATE INDEX key_event_kid ON key_event (kid, event)',
  // What each key has signed, as far as it was judged. `next_number` is null for keys from before there
  // was a tally: they are counted from where they are seen next.
  `CREATE TABLE key_tally (
    kid TEXT PRIMARY KEY, signer INTEGER NOT NULL, issuer TEXT, realm TEXT,
    first_number INTEGER, next_number INTEGER) WITHOUT ROWID`,
  `INSERT INTO key_tally (kid, signer) SELECT DISTINCT kid, 0 FROM issued_token`,
  // How far the journal had been judged when the tally began: no key can have signed more often before.
  `INSERT INTO follower_cursor (name, position, updated_ms)
    SELECT 'tally', position, 0 FROM follower_cursor WHERE name = 'journal'`,
  `CREATE TABLE unused_signature (
    kid TEXT NOT NULL, key_number INTEGER NOT NULL, journal_number INTEGER NOT NULL,
    reason TEXT NOT NULL, recorded_ms INTEGER NOT NULL, PRIMARY KEY (kid, key_number))
    WITHOUT ROWID`,
];

// What the chain of a tenant needs of an event, and which imported records are here already.
const chainedEvents = [
  'ALTER TABLE event ADD COLUMN source TEXT',
  'ALTER TABLE event ADD COLUMN salt BLOB',
  'CREATE TABLE import_key (key BLOB PRIMARY KEY) WITHOUT ROWID',
];

// What a token's session began with, for who compares what it shows later.
const signIns = ['ALTER TABLE issued_token ADD COLUMN sign_in TEXT'];

// Three separate questions, so that each one is a single look into the primary key.
function endedUnder(kind: string, column: string): string {
  return `EXISTS (SELECT 1 FROM ended_lineage
    WHERE kind = '${kind}' AND realm = NEW.realm AND value = NEW.${column})`;
}

// The names in RAISE travel in the error's detail; `refusalOfLedger` knows them.
const triggers = [
  ...['event', 'issued_token'].flatMap((table) => [
    `CREATE TRIGGER ${table}_stays BEFORE DELETE ON ${table}
      BEGIN SELECT RAISE(ABORT, 'append_only'); END`,
    `CREATE TRIGGER ${table}_unchanged BEFORE UPDATE ON ${table}
      BEGIN SELECT RAISE(ABORT, 'append_only'); END`,
  ]),
  `CREATE TRIGGER issued_token_judged BEFORE INSERT ON issued_token
    WHEN NEW.log_index < (SELECT position FROM follower_cursor WHERE name = 'log')
      OR NEW.journal_number < (SELECT position FROM follower_cursor WHERE name = 'journal')
    BEGIN SELECT RAISE(ABORT, 'issued_too_late'); END`,
  `CREATE TRIGGER issued_token_lineage BEFORE INSERT ON issued_token
    WHEN ${endedUnder('root', 'root_auth_id')} OR ${endedUnder('grant', 'grant_id')}
      OR ${endedUnder('session', 'session_id')}
    BEGIN SELECT RAISE(ABORT, 'lineage_ended'); END`,
];

async function run(tx: Kysely<unknown>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(tx);
}

export const auditMigrations: readonly Migration[] = [
  { name: 'audit-001-events', up: (tx) => run(tx, eventTables) },
  { name: 'audit-002-ledger', up: (tx) => run(tx, ledgerTables) },
  { name: 'audit-003-judgement', up: (tx) => run(tx, judgementTables) },
  { name: 'audit-004-triggers', up: (tx) => run(tx, triggers) },
  { name: 'audit-005-logged-keys', up: (tx) => run(tx, loggedKeyTables) },
  { name: 'audit-006-several-logs', up: (tx) => run(tx, severalLogs) },
  { name: 'audit-007-key-exposure', up: (tx) => run(tx, keyExposure) },
  { name: 'audit-008-several-signers', up: (tx) => run(tx, severalSigners) },
  { name: 'audit-009-chained-events', up: (tx) => run(tx, chainedEvents) },
  { name: 'audit-010-gaps', up: (tx) => run(tx, gapTables) },
  { name: 'audit-011-imports', up: (tx) => run(tx, importTables) },
  { name: 'audit-012-sign-ins', up: (tx) => run(tx, signIns) },
];

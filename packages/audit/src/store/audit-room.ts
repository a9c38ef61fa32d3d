// What every part of this room works with: the store, time, randomness, the name we sign events
// with, and the ready-made INSERT statements.

import type { Store } from '@countersign/storage';
import type { Clock, Random } from '@countersign/vocabulary';
import type { CompiledQuery } from 'kysely';
import type { Product } from '../ocsf/describe-parts.ts';
import { EventUids } from '../ocsf/new-event-uid.ts';
import type { AuditTables } from '../tables.ts';
import type { Ownership } from '../uses/own-uses.ts';
import { EventSalts } from './event-salts.ts';
import { ExpectedBuilds } from './expected-builds.ts';
import type { LogPlaces } from './log-places.ts';
import { type Row, readyInsert, readyInsertForNewUse } from './ready-insert.ts';
import type { SignerPlaces } from './signer-places.ts';

type Insert<Table extends keyof AuditTables> = (row: Row<Table>) => CompiledQuery<unknown>;
type InsertForNewUse<Table extends keyof AuditTables> = (
  row: Row<Table>,
  reporterId: string,
  reportId: string,
) => CompiledQuery<unknown>;

export interface Inserts {
  event: Insert<'event'>;
  issuedToken: Insert<'issued_token'>;
  abandonedBuild: Insert<'abandoned_build'>;
  opaqueToken: Insert<'opaque_token'>;
  authRoot: Insert<'auth_root'>;
  useReport: Insert<'use_report'>;
  eventOfNewUse: InsertForNewUse<'event'>;
  evidenceOfNewUse: InsertForNewUse<'evidence'>;
}

export interface AuditRoom {
  readonly store: Store<AuditTables>;
  readonly clock: Clock;
  readonly random: Random;
  readonly product: Product;
  readonly ownership: Ownership;
  readonly uids: EventUids;
  readonly salts: EventSalts;
  /** Versions of verifiers that are on record, as far as this process knows. */
  readonly versions: Set<string>;
  readonly expected: ExpectedBuilds;
  readonly logs: LogPlaces;
  readonly signers: SignerPlaces;
  readonly insert: Inserts;
}

export const eventColumns = [
  ...(['uid', 'tenant', 'realm', 'time_ms', 'class_uid', 'type_uid', 'name'] as const),
  ...(['severity_id', 'subject', 'client_id', 'session_id', 'kid', 'token_hash'] as const),
  ...(['log_index', 'root_auth_id', 'caused_by', 'ocsf', 'source', 'salt'] as const),
];

const issuedTokenColumns = [
  ...(['log_index', 'leaf_hash', 'token_hash', 'jti_hash', 'kid', 'alg', 'typ'] as const),
  ...(['issuer', 'realm', 'audience', 'subject', 'client_id', 'root_auth_id'] as const),
  ...(['parent_jti_hash', 'derivation', 'one_time', 'journal_number', 'key_number'] as const),
  ...(['signing_input_hash', 'issued_at_seconds', 'expires_at_seconds', 'jkt'] as const),
  ...(['grant_id', 'session_id', 'sign_in', 'recorded_ms'] as const),
];

const useReportColumns = [
  ...(['reporter_id', 'report_id', 'tenant', 'received_ms', 'at_ms', 'decision'] as const),
  ...(['code', 'token_hash', 'issuer', 'kid', 'jti_hash', 'audience', 'log_index'] as const),
  ...(['leaf_hash', 'jkt', 'event_uid'] as const),
];

export function openAuditRoom(
  parts: Pick<
    AuditRoom,
    'store' | 'clock' | 'random' | 'product' | 'ownership' | 'logs' | 'signers'
  >,
): AuditRoom {
  const db = parts.store.read;
  return {
    ...parts,
    uids: new EventUids(parts.random),
    salts: new EventSalts(parts.random),
    versions: new Set(),
    expected: new ExpectedBuilds(parts.clock),
    insert: {
      event: readyInsert(db, 'event', eventColumns),
      issuedToken: readyInsert(db, 'issued_token', issuedTokenColumns),
      abandonedBuild: readyInsert(
        db,
        'abandoned_build',
        ['leaf_hash', 'log_index', 'journal_number', 'signing_input_hash', 'recorded_ms'],
        // A leaf is first in doubt, and what else was made of it is known later.
        { complete: 'leaf_hash' },
      ),
      opaqueToken: readyInsert(
        db,
        'opaque_token',
        ['jti_hash', 'realm', 'root_auth_id', 'subject', 'client_id', 'recorded_ms'],
        'ignore',
      ),
      authRoot: readyInsert(
        db,
        'auth_root',
        ['root_auth_id', 'realm', 'subject', 'recorded_ms'],
        'ignore',
      ),
      useReport: readyInsert(db, 'use_report', useReportColumns, 'ignore'),
      eventOfNewUse: readyInsertForNewUse(db, 'event', eventColumns),
      evidenceOfNewUse: readyInsertForNewUse(db, 'evidence', [
        'token_hash',
        'token',
        'reporter_id',
        'received_ms',
        'state',
      ]),
    },
  };
}

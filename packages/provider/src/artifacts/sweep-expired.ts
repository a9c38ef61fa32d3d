// Removes what has expired, a bounded number of rows at a time, so that the tables stay as small as
// the traffic and no sweep holds the writer for long. A session that ran out has ended, and says so.

import type { Audit, AuditTables } from '@countersign/audit';
import type { Store } from '@countersign/storage';
import { type Clock, type RealmId, toSeconds } from '@countersign/vocabulary';
import { type Kysely, sql } from 'kysely';
import type { ProviderTables } from './tables.ts';

// The engine accepts a little clock skew; nothing is removed before that is over.
const GRACE_SECONDS = 60;

export interface SweptRoom {
  store: Store<ProviderTables & AuditTables>;
  audit: Pick<Audit, 'record'>;
  clock: Clock;
}

type Tx = Kysely<ProviderTables & AuditTables>;

/** @returns how many rows were removed. */
export async function sweepExpired(room: SweptRoom, mostRows: number): Promise<number> {
  const before = toSeconds(room.clock.nowMs()) - GRACE_SECONDS;
  const artifacts = await room.store.transaction((tx) => sweepArtifacts(tx, before, mostRows));
  const sessions = await room.store.transaction((tx) => sweepSessions(room, tx, before, mostRows));
  return artifacts + sessions;
}

async function sweepArtifacts(tx: Tx, before: number, mostRows: number): Promise<number> {
  const outcome = await sql`
    DELETE FROM provider_artifacts WHERE rowid IN (
      SELECT rowid FROM provider_artifacts WHERE expires_at < ${before} LIMIT ${mostRows})`.execute(
    tx,
  );
  return Number(outcome.numAffectedRows ?? 0);
}

async function sweepSessions(
  { audit, clock }: SweptRoom,
  tx: Tx,
  before: number,
  mostRows: number,
): Promise<number> {
  const { rows } = await sql<{ realm: RealmId; uid: string; account_id: string | null }>`
    DELETE FROM provider_sessions WHERE rowid IN (
      SELECT rowid FROM provider_sessions WHERE expires_at < ${before} LIMIT ${mostRows})
    RETURNING realm, uid, account_id`.execute(tx);
  const timeMs = clock.nowMs();
  const ended = rows.flatMap(({ realm, uid, account_id: subject }) =>
    subject === null
      ? []
      : [
          {
            name: 'session.ended' as const,
            timeMs,
            realm,
            sessionId: uid,
            subject,
            reason: 'expired',
          },
        ],
  );
  if (ended.length > 0) await audit.record(ended, tx);
  return rows.length;
}

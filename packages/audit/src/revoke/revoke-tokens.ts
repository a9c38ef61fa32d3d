// Ends live tokens before their time: one token and what was derived from it, or everything under a
// grant, a session or a root. Rows and `token.revoked` events are one transaction; whatever is being
// made at that moment under an ended root is refused by the ledger itself.

import type { RealmId } from '@countersign/vocabulary';
import { type Kysely, type Selectable, sql } from 'kysely';
import { hashBytes, hexOf } from '../hex-bytes.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { describeEventRow } from '../store/describe-event-row.ts';
import type { LogPlace } from '../store/log-places.ts';
import type { AuditTables, IssuedTokenRow } from '../tables.ts';
import type { RevocationReason } from './revocation-reason.ts';

export type RevocationTarget =
  /** The token and everything derived from it. */
  | { jtiHash: string }
  | LogPlace
  /** Everything under it, and nothing new afterwards. */
  | { realm: RealmId; grantId: string }
  | { realm: RealmId; sessionId: string }
  | { realm: RealmId; rootAuthId: string };

export interface Revocation {
  target: RevocationTarget;
  reason: RevocationReason;
  /** `metadata.uid` of the event that led to this. */
  causedBy?: string;
}

/** Tokens ended in one transaction; more take several, after the lineage itself has ended. */
const MOST_PER_TRANSACTION = 500;

/**
 * Resolves with the number of tokens it ended, once that is durable. Ending what has ended is no
 * error and counts as nothing.
 */
export async function revokeTokens(room: AuditRoom, revocation: Revocation): Promise<number> {
  let ended = 0;
  for (;;) {
    const count = await room.store.transaction((tx) => revokePage(room, tx, revocation));
    ended += count;
    if (count < MOST_PER_TRANSACTION) return ended;
  }
}

/** The same within a caller's transaction; all tokens at once. */
export async function revokeTokensWithin(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  revocation: Revocation,
): Promise<number> {
  let ended = 0;
  for (;;) {
    const count = await revokePage(room, tx, revocation);
    ended += count;
    if (count < MOST_PER_TRANSACTION) return ended;
  }
}

async function revokePage(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  revocation: Revocation,
): Promise<number> {
  const nowMs = room.clock.nowMs();
  await endLineage(tx, revocation, nowMs);
  const rows = await liveTokens(room, tx, revocation.target, Math.floor(nowMs / 1000));
  for (const row of rows) {
    await tx
      .insertInto('revoked_token')
      .values({
        log_index: row.log_index,
        jti_hash: row.jti_hash,
        realm: row.realm,
        root_auth_id: row.root_auth_id,
        expires_at_seconds: row.expires_at_seconds,
        revoked_ms: nowMs,
        reason: revocation.reason,
      })
      .execute();
    await tx.executeQuery(room.insert.event(describeRevoked(room, row, revocation, nowMs)));
  }
  return rows.length;
}

async function endLineage(
  tx: Kysely<AuditTables>,
  { target, reason }: Revocation,
  nowMs: number,
): Promise<void> {
  const lineage = lineageOf(target);
  if (lineage === undefined) return;
  await tx
    .insertInto('ended_lineage')
    .values({ ...lineage, ended_ms: nowMs, reason })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function lineageOf(
  target: RevocationTarget,
): { kind: string; realm: string; value: string } | undefined {
  if (!('realm' in target)) return undefined;
  const { realm } = target;
  if ('grantId' in target) return { kind: 'grant', realm, value: target.grantId };
  if ('sessionId' in target) return { kind: 'session', realm, value: target.sessionId };
  return { kind: 'root', realm, value: target.rootAuthId };
}

const LINEAGE_COLUMNS = {
  grant: 'grant_id',
  session: 'session_id',
  root: 'root_auth_id',
} as const;

async function liveTokens(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  target: RevocationTarget,
  nowSeconds: number,
): Promise<Selectable<IssuedTokenRow>[]> {
  let query = tx
    .selectFrom('issued_token')
    .selectAll()
    .where('expires_at_seconds', '>', nowSeconds - EXPIRY_SLACK_SECONDS)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('revoked_token')
            .select('revoked_token.log_index')
            .whereRef('revoked_token.log_index', '=', 'issued_token.log_index'),
        ),
      ),
    )
    .orderBy('log_index')
    .limit(MOST_PER_TRANSACTION);
  const lineage = lineageOf(target);
  if (lineage === undefined) {
    query = query.where('jti_hash', 'in', descendants(room, target));
  } else {
    const column = LINEAGE_COLUMNS[lineage.kind as keyof typeof LINEAGE_COLUMNS];
    query = query.where('realm', '=', lineage.realm).where(column, '=', lineage.value);
  }
  return query.execute();
}

/** Verifiers allow some clock skew after `exp`; so long a token must stay on the list. */
export const EXPIRY_SLACK_SECONDS = 300;

/** The `jti` hashes of a token and of everything derived from it, however deep. */
function descendants(room: AuditRoom, target: RevocationTarget) {
  const place = 'logIndex' in target ? room.logs.placeOf(target) : undefined;
  const start =
    'jtiHash' in target
      ? sql`jti_hash = ${hashBytes(target.jtiHash)}`
      : sql`log_index = ${place ?? -1}`;
  return sql<Uint8Array>`(WITH RECURSIVE tree (jti_hash) AS (
    SELECT jti_hash FROM issued_token WHERE ${start}
    UNION SELECT child.jti_hash FROM issued_token AS child
      JOIN tree ON child.parent_jti_hash = tree.jti_hash)
    SELECT jti_hash FROM tree)`;
}

function describeRevoked(
  room: AuditRoom,
  row: Selectable<IssuedTokenRow>,
  { reason, causedBy }: Revocation,
  timeMs: number,
) {
  return describeEventRow(room, {
    name: 'token.revoked',
    timeMs,
    realm: row.realm as RealmId,
    reason,
    token: {
      kind: row.typ === 'at+jwt' ? 'access' : row.typ === 'JWT' ? 'id' : 'logout',
      tokenHash: hexOf(row.token_hash),
      jtiHash: hexOf(row.jti_hash),
      issuer: row.issuer,
      kid: row.kid,
      alg: row.alg,
      typ: row.typ,
      issuedAtSeconds: row.issued_at_seconds,
      expiresAtSeconds: row.expires_at_seconds,
      rootAuthId: row.root_auth_id,
      ...room.logs.describe(row.log_index),
      ...(row.subject === null ? {} : { subject: row.subject }),
    },
    ...(row.client_id === null ? {} : { clientId: row.client_id }),
    ...(row.subject === null ? {} : { subject: row.subject }),
    ...(row.session_id === null ? {} : { sessionId: row.session_id }),
    ...(causedBy === undefined ? {} : { causedBy }),
  });
}

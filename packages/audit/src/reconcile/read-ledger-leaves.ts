// The ledger rows of a run of log indexes, each with its parent, the first token of its root and
// the recorded sign-in: one query, all by index.

import { sql } from 'kysely';
import type { LineageFacts } from '../classify/classify-lineage.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { PLACES_EACH } from '../store/numbered-places.ts';

export type LedgerLeaf = Awaited<ReturnType<typeof readLedgerLeaves>>[number];

export async function readLedgerLeaves(room: AuditRoom, from: number, to: number) {
  return await room.store.read
    .selectFrom('issued_token as t')
    .leftJoin('issued_token as p', 'p.jti_hash', 't.parent_jti_hash')
    .leftJoin('revoked_token as pr', 'pr.log_index', 'p.log_index')
    .leftJoin('opaque_token as o', 'o.jti_hash', 't.parent_jti_hash')
    .leftJoin('auth_root as a', 'a.root_auth_id', 't.root_auth_id')
    .leftJoin('issued_token as f', (join) => join.on('f.log_index', '=', firstOfRoot(room)))
    .select([
      ...(['t.log_index', 't.leaf_hash', 't.token_hash', 't.jti_hash', 't.issuer'] as const),
      ...(['t.kid', 't.typ', 't.realm', 't.root_auth_id', 't.subject', 't.client_id'] as const),
      ...(['t.derivation', 't.recorded_ms', 't.parent_jti_hash'] as const),
      'p.realm as parent_realm',
      'p.root_auth_id as parent_root',
      'p.subject as parent_subject',
      'p.client_id as parent_client',
      'pr.revoked_ms as parent_revoked_ms',
      'pr.reason as parent_revoked_reason',
      'o.realm as opaque_realm',
      'o.root_auth_id as opaque_root',
      'o.subject as opaque_subject',
      'o.client_id as opaque_client',
      'a.realm as signed_in_realm',
      'a.subject as signed_in_subject',
      'f.realm as first_realm',
      'f.subject as first_subject',
    ])
    .where('t.log_index', '>=', from)
    .where('t.log_index', '<', to)
    .orderBy('t.log_index')
    .execute();
}

/**
 * Place of the first token under the root of `t`. The first of one log is its lowest place, and that
 * is one look at the index; which of several logs had it first is told by the journal.
 */
function firstOfRoot({ logs, signers }: AuditRoom) {
  const ofEach = Array.from({ length: Math.max(1, logs.origins.length) }, (_, number) => {
    const place = number * PLACES_EACH;
    return sql`(SELECT min(g.log_index) FROM issued_token AS g
      WHERE g.root_auth_id = t.root_auth_id
        AND g.log_index BETWEEN ${place} AND ${place + PLACES_EACH - 1})`;
  });
  // Two journals have no order between them, but for what our clock said.
  const order =
    signers.names.length > 1 ? sql`h.recorded_ms, h.journal_number` : sql`h.journal_number`;
  return sql<number>`(SELECT h.log_index FROM issued_token AS h
    WHERE h.log_index IN (${sql.join(ofEach)}) ORDER BY ${order} LIMIT 1)`;
}

export function lineageFactsOf(row: LedgerLeaf): LineageFacts {
  return {
    realm: row.realm,
    rootAuthId: row.root_auth_id,
    subject: row.subject,
    clientId: row.client_id,
    derivation: row.derivation,
    recordedMs: row.recorded_ms,
    parent: parentOf(row),
    first:
      row.first_realm === null ? undefined : { realm: row.first_realm, subject: row.first_subject },
    signedIn:
      row.signed_in_realm === null || row.signed_in_subject === null
        ? undefined
        : { realm: row.signed_in_realm, subject: row.signed_in_subject },
  };
}

function parentOf(row: LedgerLeaf): LineageFacts['parent'] {
  if (row.parent_jti_hash === null) return 'none';
  if (row.parent_realm !== null && row.parent_root !== null) {
    return {
      realm: row.parent_realm,
      rootAuthId: row.parent_root,
      subject: row.parent_subject,
      clientId: row.parent_client,
      revoked:
        row.parent_revoked_ms === null
          ? undefined
          : { ms: row.parent_revoked_ms, reason: row.parent_revoked_reason ?? '' },
    };
  }
  if (row.opaque_realm !== null && row.opaque_root !== null) {
    return {
      realm: row.opaque_realm,
      rootAuthId: row.opaque_root,
      subject: row.opaque_subject,
      clientId: row.opaque_client,
    };
  }
  return 'unknown';
}

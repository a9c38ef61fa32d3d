// A page of uses with what the ledger, the revocations and the evidence say about each: one query.

import type { RealmId } from '@countersign/vocabulary';
import { parseRealmId } from '@countersign/vocabulary';
import type { IssuedFacts, UseFacts } from '../classify/classify-use.ts';
import type { RevocationReason } from '../revoke/revocation-reason.ts';
import type { AuditRoom } from '../store/audit-room.ts';

export type JudgedUse = Awaited<ReturnType<typeof readUses>>[number];

export async function readUses(room: AuditRoom, from: number, limit: number) {
  return await room.store.read
    .selectFrom('use_report as u')
    .leftJoin('issued_token as t', 't.token_hash', 'u.token_hash')
    .leftJoin('revoked_token as r', 'r.log_index', 't.log_index')
    .leftJoin('evidence as e', 'e.token_hash', 'u.token_hash')
    .select([
      ...(['u.sequence', 'u.reporter_id', 'u.tenant', 'u.received_ms', 'u.at_ms'] as const),
      ...(['u.decision', 'u.code', 'u.token_hash', 'u.issuer', 'u.kid', 'u.jti_hash'] as const),
      ...(['u.audience', 'u.log_index', 'u.leaf_hash', 'u.jkt', 'u.event_uid'] as const),
      't.realm as issued_realm',
      't.issuer as issued_issuer',
      't.kid as issued_kid',
      't.audience as issued_audience',
      't.subject as issued_subject',
      't.root_auth_id as issued_root',
      't.jkt as issued_jkt',
      't.one_time as issued_one_time',
      'r.revoked_ms',
      'r.reason as revoked_reason',
      'e.state as evidence_state',
    ])
    .where('u.sequence', '>=', from)
    .orderBy('u.sequence')
    .limit(limit)
    .execute();
}

export function useFactsOf(use: JudgedUse): UseFacts {
  return {
    tenant: use.tenant,
    decision: use.decision as UseFacts['decision'],
    code: use.code ?? undefined,
    atMs: whenItHappened(use),
    audience: use.audience === null ? undefined : JSON.parse(use.audience),
    jkt: use.jkt ?? undefined,
  };
}

const LONGEST_DELAY_MS = 7 * 86_400_000;

/** By the reporter's clock, as far as that can be: not after we heard of it, nor ages before. */
export function whenItHappened(use: { at_ms: number; received_ms: number }): number {
  return Math.max(use.received_ms - LONGEST_DELAY_MS, Math.min(use.at_ms, use.received_ms));
}

/** The same facts of the token issued at a log index. */
export async function readIssuedAt(room: AuditRoom, logIndex: number) {
  return await room.store.read
    .selectFrom('issued_token as t')
    .leftJoin('revoked_token as r', 'r.log_index', 't.log_index')
    .select([
      't.leaf_hash',
      't.jti_hash',
      't.realm as issued_realm',
      't.audience as issued_audience',
      't.jkt as issued_jkt',
      't.one_time as issued_one_time',
      'r.revoked_ms',
      'r.reason as revoked_reason',
    ])
    .where('t.log_index', '=', logIndex)
    .executeTakeFirst();
}

type IssuedColumns = Pick<
  JudgedUse,
  | 'issued_realm'
  | 'issued_audience'
  | 'issued_jkt'
  | 'issued_one_time'
  | 'revoked_ms'
  | 'revoked_reason'
>;

export function issuedFactsOf(use: IssuedColumns): IssuedFacts | undefined {
  if (use.issued_realm === null || use.issued_audience === null) return undefined;
  return {
    tenant: parseRealmId(use.issued_realm as RealmId).tenant,
    audience: JSON.parse(use.issued_audience),
    jkt: use.issued_jkt ?? undefined,
    oneTime: use.issued_one_time === 1,
    revoked:
      use.revoked_ms === null
        ? undefined
        : { ms: use.revoked_ms, reason: use.revoked_reason as RevocationReason },
  };
}

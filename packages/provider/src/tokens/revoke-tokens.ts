// Revocation, told to the ledger: it knows every token of a grant and puts their log indexes on the
// list verifiers follow, in the same transaction in which the grant itself goes.

import type { AuditTables, IssuedToken, RevocationReason } from '@countersign/audit';
import type { Kysely } from 'kysely';
import type { ProviderTables } from '../artifacts/tables.ts';
import { type AdapterPayload, currentContext } from '../engine/oidc-provider.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { requestFacts } from '../realm/request-facts.ts';

/** Why the engine revokes, told by the route it is serving. */
export function revocationReason(): RevocationReason {
  switch (currentContext()?.oidc?.route) {
    case 'token':
      return 'refresh_reuse';
    case 'end_session_confirm':
      return 'logout';
    case 'revocation':
      return 'requested';
    default:
      return 'administrator';
  }
}

/** A grant is gone: so is every token that descends from it, and none may follow. */
export async function recordGrantRevoked(
  realm: RealmContext,
  tx: Kysely<ProviderTables & AuditTables>,
  grantId: string,
  grant: AdapterPayload,
): Promise<void> {
  const reason = revocationReason();
  await realm.audit.record(
    [
      {
        name: 'grant.revoked',
        timeMs: realm.clock.nowMs(),
        realm: realm.id,
        severity: reason === 'refresh_reuse' ? 'high' : 'info',
        ...(grant.clientId === undefined ? {} : { clientId: grant.clientId }),
        ...(grant.accountId === undefined ? {} : { subject: grant.accountId }),
        request: requestFacts(currentContext()),
        reason,
        extra: { grantId },
      },
    ],
    tx,
  );
  await realm.audit.revoke({ target: { realm: realm.id, grantId }, reason }, tx);
}

/** One token and what was derived from it. */
export async function revokeIssued(realm: RealmContext, issued: IssuedToken): Promise<void> {
  await realm.audit.revoke({
    target: { logIndex: issued.logIndex },
    reason: revocationReason(),
  });
  realm.onRevoked();
}

export async function isRevoked(realm: RealmContext, logIndex: number): Promise<boolean> {
  return realm.audit.isRevoked(logIndex);
}

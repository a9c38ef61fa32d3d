// Revocation, told to the ledger: it knows every token of a grant and puts their log indexes on the
// list verifiers follow, in the same transaction in which the grant itself goes.

import type { Audit, AuditTables, IssuedToken, RevocationReason } from '@countersign/audit';
import type { Clock, RealmId, RequestFacts } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import type { ProviderTables } from '../artifacts/tables.ts';
import { currentContext } from '../engine/oidc-provider.ts';
import type { RealmContext } from '../realm/realm-context.ts';

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

export interface EndedGrant {
  realm: RealmId;
  grantId: string;
  clientId: string | undefined;
  accountId: string | undefined;
}

export interface GrantRoom {
  audit: Pick<Audit, 'record' | 'revoke'>;
  clock: Clock;
}

/** A grant is gone: so is every token that descends from it, and none may follow. */
export async function endGrant(
  { audit, clock }: GrantRoom,
  tx: Kysely<ProviderTables & AuditTables>,
  { realm, grantId, clientId, accountId }: EndedGrant,
  reason: RevocationReason,
  request: RequestFacts,
): Promise<void> {
  const [causedBy] = await audit.record(
    [
      {
        name: 'grant.revoked',
        timeMs: clock.nowMs(),
        realm,
        severity: reason === 'refresh_reuse' ? 'high' : 'info',
        ...(clientId === undefined ? {} : { clientId }),
        ...(accountId === undefined ? {} : { subject: accountId }),
        request,
        reason,
        extra: { grantId },
      },
    ],
    tx,
  );
  const target = { realm, grantId };
  await audit.revoke({ target, reason, ...(causedBy === undefined ? {} : { causedBy }) }, tx);
}

/** One token and what was derived from it. */
export async function revokeIssued(realm: RealmContext, issued: IssuedToken): Promise<void> {
  await realm.audit.revoke({
    target: {
      logIndex: issued.logIndex,
      ...(issued.logOrigin === undefined ? {} : { logOrigin: issued.logOrigin }),
    },
    reason: revocationReason(),
  });
  realm.onRevoked();
}

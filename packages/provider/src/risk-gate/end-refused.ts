// The end of a sign-in that asks for more than it may have: its grant with all tokens, and its session,
// so that whoever comes next signs in and is judged as what they are then.

import { currentContext } from '../engine/oidc-provider.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { requestFacts } from '../realm/request-facts.ts';
import { endGrant } from '../tokens/revoke-tokens.ts';

export interface RefusedSignIn {
  grantId: string;
  clientId: string | undefined;
  accountId: string | undefined;
  sessionUid?: string | undefined;
}

/** Durable when it resolves. */
export async function endRefused(realm: RealmContext, refused: RefusedSignIn): Promise<void> {
  const { grantId, clientId, accountId, sessionUid } = refused;
  const request = requestFacts(realm, currentContext());
  await realm.store.transaction(async (tx) => {
    await tx
      .deleteFrom('provider_artifacts')
      .where('realm', '=', realm.id)
      .where('grant_id', '=', grantId)
      .execute();
    const sessions = await tx
      .deleteFrom('provider_sessions')
      .where('realm', '=', realm.id)
      .where('uid', '=', sessionUid ?? '')
      .returning(['uid', 'account_id'])
      .execute();
    await realm.audit.record(
      sessions.map(({ uid, account_id: subject }) => ({
        ...{ name: 'session.ended' as const, timeMs: realm.clock.nowMs(), realm: realm.id },
        ...{ sessionId: uid, request, reason: 'risk' },
        ...(subject === null ? {} : { subject }),
      })),
      tx,
    );
    await endGrant(realm, tx, { realm: realm.id, grantId, clientId, accountId }, 'risk', request);
  });
  realm.onRevoked();
}

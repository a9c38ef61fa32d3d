// Ends what a person has open in a realm, at the word of someone who may: every session, every
// grant, and with each grant every token. What was under way at that moment gets nothing more,
// because the ledger takes no token of an ended grant.

import type { AuditTables } from '@countersign/audit';
import type { Store } from '@countersign/storage';
import type { Clock, RealmId } from '@countersign/vocabulary';
import type { ProviderTables } from '../artifacts/tables.ts';
import { endGrant, type GrantRoom } from '../tokens/revoke-tokens.ts';

export interface EndedSignIns {
  sessions: number;
  grants: number;
}

/** At whose word: somebody's, that of the policy about risk, or that of two keys that should be one. */
export type EndingReason = 'administrator' | 'risk' | 'compromised';

export interface EndingRoom extends GrantRoom {
  store: Store<ProviderTables & AuditTables>;
  clock: Clock;
}

const EVENTS_AT_ONCE = 1000;

export async function endSignIns(
  room: EndingRoom,
  realm: RealmId,
  personId: string,
  reason: EndingReason = 'administrator',
): Promise<EndedSignIns> {
  return room.store.transaction(async (tx) => {
    const sessions = await tx
      .deleteFrom('provider_sessions')
      .where('realm', '=', realm)
      .where('account_id', '=', personId)
      .returning('uid')
      .execute();
    const artifacts = await tx
      .deleteFrom('provider_artifacts')
      .where('realm', '=', realm)
      .where('account_id', '=', personId)
      .returning(['model', 'grant_id', 'payload'])
      .execute();
    const timeMs = room.clock.nowMs();
    const events = sessions.map(({ uid }) => ({
      name: 'session.ended' as const,
      ...{ timeMs, realm, sessionId: uid, subject: personId, reason },
    }));
    // One call takes so many: whoever began more sessions than that must not be the one whose never end.
    for (let from = 0; from < events.length; from += EVENTS_AT_ONCE) {
      await room.audit.record(events.slice(from, from + EVENTS_AT_ONCE), tx);
    }
    const grants = artifacts.filter(({ model }) => model === 'Grant');
    for (const { grant_id: grantId, payload } of grants) {
      const { clientId } = JSON.parse(payload) as { clientId?: string };
      const grant = { realm, grantId: grantId ?? '', clientId, accountId: personId };
      await endGrant(room, tx, grant, reason, {});
    }
    return { sessions: sessions.length, grants: grants.length };
  });
}

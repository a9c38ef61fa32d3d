// A verdict about a dead key as a finding. What is proven is one finding a token; the rest is a word that
// can be said as often as anyone likes, so it is one finding a key, a reporter and an hour. Clients that
// wake after days show what they had before they ask for a new token: of those, one a day.

import { parseRealmId, type RealmId, type TokenFacts } from '@countersign/vocabulary';
import type { Verdict } from '../classify/verdict.ts';
import type { FindingDraft } from '../reconcile/finding.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import type { DeadKey } from './classify-tripwire.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface TrippedUse {
  verdict: Verdict;
  key: DeadKey;
  token: TokenFacts & { tokenHash: string };
  /** Tenant of the reporter. */
  tenant: string;
  reporterId: string;
  happenedMs: number;
  receivedMs: number;
  /** Uid of the use's event. */
  causedBy: string;
  genuine: boolean;
  count: number;
}

export async function draftTrippedUse(room: AuditRoom, use: TrippedUse): Promise<FindingDraft> {
  const { verdict, key, token, tenant, reporterId, receivedMs, count } = use;
  const everyMs = verdict.reason === 'genuine_token_late' ? DAY_MS : HOUR_MS;
  const period = Math.floor(receivedMs / everyMs);
  const realm = room.ownership.realmOfIssuer(key.issuer);
  // A reporter is believed about its own tenant, about another's keys only what is proven.
  const mayName =
    realm !== undefined &&
    (verdict.proven || use.genuine || parseRealmId(realm as RealmId).tenant === tenant);
  return {
    verdict,
    subjectKey: verdict.proven
      ? `token:${token.tokenHash}`
      : // Whoever names the dead keys of all tenants, one after the other, is worth one line as well.
        `kid:${mayName ? key.kid : ''}:${verdict.reason}:${reporterId}:${period}`,
    count,
    happenedMs: use.happenedMs,
    reporterId,
    causedBy: use.causedBy,
    verifier: await readVerifier(room, use.causedBy),
    token: { ...token, kid: key.kid, issuer: key.issuer },
    ...(mayName ? { realm: realm as RealmId } : { tenant }),
    extra: { state: key.state, sinceMs: key.sinceMs },
  };
}

/** As the use's event tells it. */
async function readVerifier(
  room: AuditRoom,
  eventUid: string,
): Promise<{ name: string; version: string } | undefined> {
  const row = await room.store.read
    .selectFrom('event')
    .select('ocsf')
    .where('uid', '=', eventUid)
    .executeTakeFirst();
  return row === undefined ? undefined : JSON.parse(row.ocsf).unmapped.countersign.verifier;
}

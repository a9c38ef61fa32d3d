// Challenges that an authenticator signs (WebAuthn Level 3 §13.4.3): made for one purpose and one step of
// one browser, over within minutes, good once. Nothing is kept until one is used: it carries its time and
// our mark, and what is kept then is that it was.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { toSeconds } from '@countersign/vocabulary';
import type { RealmContext } from '../realm/realm-context.ts';

/** What a challenge is for: a ceremony, and the interaction or session it belongs to. */
export interface ChallengePurpose {
  ceremony: 'sign-in' | 'step-up' | 'enrol';
  /** Uid of the interaction or session. */
  place: string;
  /** Whose passkey is asked for or made; absent: anybody's. */
  personId?: string;
}

type ChallengeRealm = Pick<
  RealmContext,
  'id' | 'secrets' | 'clock' | 'random' | 'limits' | 'store' | 'names'
>;

const MODEL = 'PasskeyChallenge';
const TIME_BYTES = 6;
const NONCE_BYTES = 16;
const MARK_BYTES = 32;
const BYTES = TIME_BYTES + NONCE_BYTES + MARK_BYTES;

/** @returns base64url */
export function makeChallenge(realm: ChallengeRealm, purpose: ChallengePurpose): string {
  const head = Buffer.alloc(TIME_BYTES + NONCE_BYTES);
  head.writeUIntBE(realm.clock.nowMs(), 0, TIME_BYTES);
  head.set(realm.random.bytes(NONCE_BYTES), TIME_BYTES);
  return Buffer.concat([head, mark(realm, purpose, head)]).toString('base64url');
}

/** Ours, for this purpose, and not too old. Says nothing of whether it was used. */
export function isChallenge(
  realm: ChallengeRealm,
  purpose: ChallengePurpose,
  presented: string,
): boolean {
  const bytes = Buffer.from(presented, 'base64url');
  if (bytes.length !== BYTES || bytes.toString('base64url') !== presented) return false;
  const head = bytes.subarray(0, TIME_BYTES + NONCE_BYTES);
  if (!timingSafeEqual(mark(realm, purpose, head), bytes.subarray(head.length))) return false;
  const ageMs = realm.clock.nowMs() - head.readUIntBE(0, TIME_BYTES);
  return ageMs >= 0 && ageMs <= realm.limits.passkeyChallengeMs;
}

/** Uses a challenge up. @returns whether it was still good: of any number at once, one is. */
export async function takeChallenge(realm: ChallengeRealm, presented: string): Promise<boolean> {
  const expiresMs = realm.clock.nowMs() + realm.limits.passkeyChallengeMs;
  const inserted = await realm.store.transaction((tx) =>
    tx
      .insertInto('provider_artifacts')
      .values({
        realm: realm.id,
        model: MODEL,
        id_hash: realm.names.nameOf(MODEL, presented),
        grant_id: null,
        account_id: null,
        user_code: null,
        payload: '{}',
        // Kept for longer than the challenge itself can be good.
        expires_at: toSeconds(expiresMs) + 1,
        consumed_at: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst(),
  );
  return Number(inserted.numInsertedOrUpdatedRows ?? 0) === 1;
}

function mark(realm: ChallengeRealm, purpose: ChallengePurpose, head: Uint8Array): Buffer {
  const { ceremony, place, personId = '' } = purpose;
  return createHmac('sha256', realm.secrets.challengeKey)
    .update(JSON.stringify([ceremony, place, personId]))
    .update(head)
    .digest();
}

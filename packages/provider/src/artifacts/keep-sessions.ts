// Browser sessions: one row each, which keeps its uid while the cookie value changes at every
// sign-in step. That a session began or ended is written in the same transaction as the change
// itself, because the engine's listeners are not waited for.

import type { CountersignEvent } from '@countersign/vocabulary';
import type { Adapter, AdapterPayload } from '../engine/oidc-provider.ts';
import { currentContext, rotatedFrom } from '../engine/oidc-provider.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { requestFacts } from '../realm/request-facts.ts';
import { rootAuthId } from '../road/trace-lineage.ts';

const MODEL = 'Session';

export function createSessionAdapter(realm: RealmContext): Adapter {
  return {
    upsert: (id, payload) => save(realm, id, payload),
    find: (id) => findByName(realm, id),
    findByUid: (uid) => findByUid(realm, uid),
    findByUserCode: () => Promise.resolve(undefined),
    consume: () => Promise.resolve(),
    destroy: (id) => destroy(realm, id),
    revokeByGrantId: () => Promise.resolve(),
  };
}

async function save(realm: RealmContext, id: string, payload: AdapterPayload): Promise<void> {
  const context = currentContext();
  const { jti: _cookie, ...kept } = payload;
  const uid = payload.uid ?? '';
  const row = {
    realm: realm.id,
    uid,
    id_hash: realm.names.nameOf(MODEL, id),
    account_id: payload.accountId ?? null,
    signed_in_at: payload.loginTs ?? null,
    payload: JSON.stringify(kept),
    expires_at: payload.exp ?? 0,
  };
  const oldId = rotatedFrom(context?.oidc?.session);
  const mayReplace = [row.id_hash, ...(oldId ? [realm.names.nameOf(MODEL, oldId)] : [])];
  await realm.store.transaction(async (tx) => {
    const before = await tx
      .selectFrom('provider_sessions')
      .select(['id_hash', 'account_id', 'signed_in_at', 'payload'])
      .where('realm', '=', realm.id)
      .where('uid', '=', uid)
      .executeTakeFirst();
    // A slower request must not bring back a cookie value that was already replaced.
    if (before !== undefined && !mayReplace.includes(before.id_hash)) return;
    await tx
      .insertInto('provider_sessions')
      .values(row)
      .onConflict((conflict) => conflict.columns(['realm', 'uid']).doUpdateSet(row))
      .execute();
    const signedIn =
      row.account_id !== null &&
      (before?.account_id !== row.account_id ||
        before.signed_in_at !== row.signed_in_at ||
        // A factor may follow within the second that the time is told in.
        methodsOf(before.payload) !== methodsOf(row.payload));
    if (!signedIn) return;
    const started = startedEvent(realm, payload);
    const again = (before?.account_id ?? null) !== null;
    const changed = again ? [changedEvent(started)] : [];
    await realm.audit.record([...changed, started], tx);
  });
}

function methodsOf(payload: string): string {
  return String((JSON.parse(payload) as AdapterPayload).amr ?? '');
}

/** The session goes on, with another sign-in or a further factor of its person: another gets another. */
function changedEvent(started: CountersignEvent): CountersignEvent {
  const { extra, ...facts } = started;
  const operation = extra?.['factor'] === BOTH ? 'factor' : 'reauthenticated';
  return { ...facts, name: 'session.changed', operation };
}

function startedEvent(realm: RealmContext, payload: AdapterPayload): CountersignEvent {
  return {
    name: 'session.started',
    timeMs: realm.clock.nowMs(),
    realm: realm.id,
    sessionId: payload.uid ?? '',
    subject: payload.accountId ?? '',
    token: {
      kind: 'other',
      rootAuthId: rootAuthId(realm.issuer, payload.uid, payload.loginTs),
    },
    request: requestFacts(realm, currentContext()),
    extra: { factor: factorOf(payload.amr ?? []) },
  };
}

const BOTH = 'password and passkey';

function factorOf(methods: readonly string[]): string {
  const passkey = methods.some((method) => method === 'hwk' || method === 'swk');
  if (!methods.includes('pwd')) return passkey ? 'passkey' : 'other';
  return passkey ? BOTH : 'password';
}

async function findByName(realm: RealmContext, id: string): Promise<AdapterPayload | undefined> {
  const row = await realm.store.read
    .selectFrom('provider_sessions')
    .select('payload')
    .where('realm', '=', realm.id)
    .where('id_hash', '=', realm.names.nameOf(MODEL, id))
    .executeTakeFirst();
  return row === undefined ? undefined : { ...JSON.parse(row.payload), jti: id };
}

async function findByUid(realm: RealmContext, uid: string): Promise<AdapterPayload | undefined> {
  const row = await realm.store.read
    .selectFrom('provider_sessions')
    .select(['payload', 'id_hash'])
    .where('realm', '=', realm.id)
    .where('uid', '=', uid)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { ...JSON.parse(row.payload), jti: realm.names.seal(MODEL, row.id_hash) };
}

async function destroy(realm: RealmContext, id: string): Promise<void> {
  // The engine "destroys" the old cookie value before it saves the new one; `save` does both at once.
  if (rotatedFrom(currentContext()?.oidc?.session) === id) return;
  await realm.store.transaction(async (tx) => {
    const removed = await tx
      .deleteFrom('provider_sessions')
      .where('realm', '=', realm.id)
      .where('id_hash', '=', realm.names.nameOf(MODEL, id))
      .returning(['uid', 'account_id'])
      .executeTakeFirst();
    if (removed === undefined || removed.account_id === null) return;
    await realm.audit.record(
      [
        {
          name: 'session.ended',
          timeMs: realm.clock.nowMs(),
          realm: realm.id,
          sessionId: removed.uid,
          subject: removed.account_id,
          request: requestFacts(realm, currentContext()),
          reason: 'logout',
        },
      ],
      tx,
    );
  });
}

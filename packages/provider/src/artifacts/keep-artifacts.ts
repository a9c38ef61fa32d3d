// Storage for what is used once or soon: codes, refresh tokens, grants, interactions, pushed
// requests, replay ids. Using one up is a single UPDATE … WHERE consumed_at IS NULL, so that of any
// number of parallel redemptions exactly one wins (RFC 6749 §4.1.2, RFC 9700 §4.14).

import { toSeconds } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import {
  type Adapter,
  type AdapterPayload,
  currentContext,
  errors,
} from '../engine/oidc-provider.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { requestFacts } from '../realm/request-facts.ts';
import { carriedRisk } from '../risk-gate/carry-judgement.ts';
import { lineagePayload } from '../road/trace-lineage.ts';
import { endGrant, revocationReason } from '../tokens/revoke-tokens.ts';
import type { ProviderTables } from './tables.ts';

/** Models of which a second sight of the same id is itself the finding. */
const INSERT_ONLY: ReadonlySet<string> = new Set(['ReplayDetection']);

export function createArtifactAdapter(realm: RealmContext, model: string): Adapter {
  return {
    upsert: (id, payload, expiresIn) => save(realm, model, id, payload, expiresIn),
    find: (id) => find(realm, model, id),
    findByUserCode: (userCode) => findByUserCode(realm, model, userCode),
    findByUid: () => Promise.resolve(undefined),
    consume: (id) => consume(realm, model, id),
    destroy: (id) => destroy(realm, model, id),
    revokeByGrantId: (grantId) => removeByGrant(realm, model, grantId),
  };
}

async function save(
  realm: RealmContext,
  model: string,
  id: string,
  payload: AdapterPayload,
  expiresIn: number | undefined,
): Promise<void> {
  const now = toSeconds(realm.clock.nowMs());
  const context = currentContext();
  const carried = { ...lineagePayload(model, context), ...carriedRisk(model, context) };
  const { jti: _value, ...kept } = { ...payload, ...carried };
  // The engine copies the session's cookie value into an interaction and never reads it again.
  if (kept.session !== undefined) kept.session = { ...kept.session, cookie: undefined };
  const row = {
    realm: realm.id,
    model,
    id_hash: realm.names.nameOf(model, id),
    // A grant is known by its own id, as its tokens know it.
    grant_id: model === 'Grant' ? id : (payload.grantId ?? null),
    account_id: accountOf(payload) ?? null,
    user_code: payload.userCode ?? null,
    payload: JSON.stringify(kept),
    expires_at: payload.exp ?? now + (expiresIn ?? realm.policy.interactionSeconds),
    consumed_at: null,
  };
  if (INSERT_ONLY.has(model)) return insertOnce(realm, row);
  await realm.store.transaction(async (tx) => {
    await tx
      .insertInto('provider_artifacts')
      .values(row)
      .onConflict((conflict) =>
        conflict.columns(['realm', 'model', 'id_hash']).doUpdateSet({
          payload: row.payload,
          expires_at: row.expires_at,
          grant_id: row.grant_id,
          account_id: row.account_id,
          user_code: row.user_code,
        }),
      )
      .execute();
  });
}

/** Of a step also who signed in there, or is half-way: what ends their sign-ins ends that one. */
function accountOf({ accountId, result }: AdapterPayload): string | undefined {
  const halfWay = result?.['stepUp'] as { accountId?: string } | undefined;
  return result?.login?.accountId ?? halfWay?.accountId ?? accountId;
}

async function insertOnce(
  realm: RealmContext,
  row: ProviderTables['provider_artifacts'],
): Promise<void> {
  const inserted = await realm.store.transaction((tx) =>
    tx
      .insertInto('provider_artifacts')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst(),
  );
  if (Number(inserted.numInsertedOrUpdatedRows ?? 0) === 0) {
    throw new errors.InvalidRequest('this proof was used before; make a new one for each request');
  }
}

async function find(
  realm: RealmContext,
  model: string,
  id: string,
): Promise<AdapterPayload | undefined> {
  const name = realm.names.nameOf(model, id);
  const row = await realm.store.read
    .selectFrom('provider_artifacts')
    .select(['payload', 'consumed_at'])
    .where('realm', '=', realm.id)
    .where('model', '=', model)
    .where('id_hash', '=', name)
    .executeTakeFirst();
  // A client that sends one request twice at once is clumsy, not a thief: the second is refused,
  // but what the first is about to get is not taken from it. Later it would be (RFC 9700 §4.14).
  if (row?.consumed_at != null && realm.beingUsed.has(name)) throw usedBefore(model);
  return row === undefined ? undefined : toPayload(row, id);
}

async function findByUserCode(
  realm: RealmContext,
  model: string,
  userCode: string,
): Promise<AdapterPayload | undefined> {
  const row = await realm.store.read
    .selectFrom('provider_artifacts')
    .select(['id_hash', 'payload', 'consumed_at'])
    .where('realm', '=', realm.id)
    .where('model', '=', model)
    .where('user_code', '=', userCode)
    .executeTakeFirst();
  return row === undefined ? undefined : toPayload(row, realm.names.seal(model, row.id_hash));
}

function toPayload(
  row: { payload: string; consumed_at: number | null },
  jti: string,
): AdapterPayload {
  const payload = JSON.parse(row.payload) as AdapterPayload;
  return row.consumed_at === null
    ? { ...payload, jti }
    : { ...payload, jti, consumed: row.consumed_at };
}

async function consume(realm: RealmContext, model: string, id: string): Promise<void> {
  const name = realm.names.nameOf(model, id);
  const used = await realm.store.transaction((tx) =>
    tx
      .updateTable('provider_artifacts')
      .set({ consumed_at: toSeconds(realm.clock.nowMs()) })
      .where('realm', '=', realm.id)
      .where('model', '=', model)
      .where('id_hash', '=', name)
      .where('consumed_at', 'is', null)
      .executeTakeFirst(),
  );
  if (used.numUpdatedRows === 0n) throw usedBefore(model);
  const response = currentContext()?.res;
  if (response === undefined) return;
  realm.beingUsed.add(name);
  response.once('close', () => realm.beingUsed.delete(name));
}

function usedBefore(model: string): Error {
  return model === 'PushedAuthorizationRequest'
    ? new errors.InvalidRequestUri('the pushed request was used before')
    : new errors.InvalidGrant(`${model} was used before`);
}

async function destroy(realm: RealmContext, model: string, id: string): Promise<void> {
  await realm.store.transaction(async (tx) => {
    const removed = await tx
      .deleteFrom('provider_artifacts')
      .where('realm', '=', realm.id)
      .where('model', '=', model)
      .where('id_hash', '=', realm.names.nameOf(model, id))
      .returning('payload')
      .executeTakeFirst();
    if (removed !== undefined && model === 'Grant') {
      const { clientId, accountId } = JSON.parse(removed.payload) as AdapterPayload;
      const grant = { realm: realm.id, grantId: id, clientId, accountId };
      await endGrant(realm, tx, grant, revocationReason(), requestFacts(realm, currentContext()));
    }
  });
  if (model === 'Grant') realm.onRevoked();
}

async function removeByGrant(realm: RealmContext, model: string, grantId: string): Promise<void> {
  await realm.store.transaction((tx) => deleteOfGrant(realm, tx, model, grantId));
}

async function deleteOfGrant(
  realm: RealmContext,
  tx: Kysely<ProviderTables>,
  model: string,
  grantId: string,
): Promise<void> {
  await tx
    .deleteFrom('provider_artifacts')
    .where('realm', '=', realm.id)
    .where('model', '=', model)
    .where('grant_id', '=', grantId)
    .execute();
}

// A client of the directory in the engine's words. The engine wants a secret to be there for clients
// that authenticate with one; the directory keeps only a hash, so it gets a random value that nobody
// knows and that is never compared (`engine/override-engine.ts` asks the directory instead).

import type { ClientRecord } from '@countersign/directory';
import { newSecret } from '@countersign/vocabulary';
import { ACCOUNT_CLIENT, accountClient } from '../account/account-client.ts';
import type { Adapter, AdapterPayload } from '../engine/oidc-provider.ts';
import type { RealmContext } from './realm-context.ts';

const translated = new WeakMap<ClientRecord, AdapterPayload>();
// Drawn once: the engine rebuilds a client whenever its metadata differ.
const nobodysSecret = newSecret();

export function createClientAdapter(realm: RealmContext): Adapter {
  const refuse = () => Promise.reject(new Error('clients are changed in the directory'));
  return {
    async find(clientId) {
      const record = await clientRecord(realm, clientId);
      return record === undefined ? undefined : translate(realm, record);
    },
    upsert: refuse,
    destroy: refuse,
    consume: refuse,
    findByUid: refuse,
    findByUserCode: refuse,
    revokeByGrantId: refuse,
  };
}

function translate(realm: RealmContext, record: ClientRecord): AdapterPayload {
  const known = translated.get(record);
  if (known !== undefined) return known;
  const { resources: _resources, first_party: _firstParty, ...metadata } = record;
  const allowed = metadata.grant_types.filter((grant) => realm.policy.grants.includes(grant));
  const payload: AdapterPayload = {
    ...metadata,
    // A population that does not offer a grant offers it to no client.
    grant_types: allowed,
    response_types: allowed.includes('authorization_code') ? metadata.response_types : [],
    redirect_uris: allowed.includes('authorization_code') ? metadata.redirect_uris : [],
  };
  if (metadata.token_endpoint_auth_method.startsWith('client_secret_')) {
    payload['client_secret'] = nobodysSecret;
  }
  translated.set(record, payload);
  return payload;
}

/** The directory's record of a client, or that of the account page, which is no application. */
export async function clientRecord(
  realm: RealmContext,
  clientId: string,
): Promise<ClientRecord | undefined> {
  if (clientId === ACCOUNT_CLIENT) return accountClient(realm);
  return realm.directory.clients.find(realm.id, clientId);
}

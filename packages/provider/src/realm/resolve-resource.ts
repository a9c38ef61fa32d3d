// Which API a token is for (RFC 8707). There is always exactly one, so every access token is a JWT
// with one audience (control C-19). Asked for none: with the openid scope it is this issuer, whose
// user-info endpoint takes it; without, the one API the client is registered for.

import type { ClientRecord } from '@countersign/directory';
import { type EngineClient, type EngineContext, errors } from '../engine/oidc-provider.ts';
import { clientRecord } from './find-client.ts';
import type { RealmContext } from './realm-context.ts';

/** Scopes the user-info audience understands; offline_access is about refresh tokens only. */
export const OPENID_SCOPES = ['openid', 'profile', 'email'] as const;

export interface ResourceChoice {
  scope: string;
  audience: string;
  accessTokenTTL: number;
  accessTokenFormat: 'jwt';
  jwt: { sign: { alg: 'ES256' | 'EdDSA' | 'RS256' } };
}

/** @param oneOf the granted resources, when a token request leaves the choice to us. */
export async function defaultResource(
  realm: RealmContext,
  context: EngineContext,
  client: EngineClient,
  oneOf: readonly string[] | undefined,
): Promise<string> {
  const api = oneOf?.find((resource) => resource !== realm.issuer);
  if (oneOf !== undefined) return api ?? realm.issuer;
  const scope = context.oidc.params?.['scope'];
  if (typeof scope === 'string' && scope.split(' ').includes('openid')) return realm.issuer;
  const record = await clientRecord(realm, client.clientId);
  const [only, ...others] = record?.resources ?? [];
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) return realm.issuer;
  throw new errors.InvalidTarget('name the API the token is for with the resource parameter');
}

/** @throws InvalidTarget for what the tenant, the population or the client may not use. */
export async function describeResource(
  realm: RealmContext,
  identifier: string,
  client: EngineClient,
): Promise<ResourceChoice> {
  if (identifier === realm.issuer) return ownResource(realm);
  const record = await clientRecord(realm, client.clientId);
  const api = await describeApi(realm, identifier, record);
  if (api === undefined) {
    throw new errors.InvalidTarget('this client may not ask for tokens for that resource');
  }
  return api;
}

/** Undefined for what the tenant, the population or the client may not use. */
export async function describeApi(
  realm: RealmContext,
  identifier: string,
  record: ClientRecord | undefined,
): Promise<ResourceChoice | undefined> {
  const resource = await realm.directory.resources.find(realm.realm.tenant, identifier);
  if (
    resource === undefined ||
    !resource.populations.includes(realm.realm.population) ||
    !mayUse(record, identifier)
  ) {
    return undefined;
  }
  return {
    scope: resource.scopes.join(' '),
    audience: identifier,
    accessTokenTTL: Math.min(resource.accessTokenLifetimeSeconds, realm.policy.accessTokenSeconds),
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: resource.alg } },
  };
}

function ownResource(realm: RealmContext): ResourceChoice {
  return {
    scope: OPENID_SCOPES.join(' '),
    audience: realm.issuer,
    accessTokenTTL: realm.policy.accessTokenSeconds,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  };
}

export function mayUse(record: ClientRecord | undefined, identifier: string): boolean {
  return record?.resources.includes(identifier) === true;
}

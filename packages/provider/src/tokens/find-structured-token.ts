// Our access tokens are JWTs that the engine never stores. What it would look up in a table is
// looked up in the ledger instead: by the SHA-256 of the token's exact bytes, which is stricter than
// checking its signature (a stolen key makes good signatures, but no ledger rows).

import type { IssuedToken } from '@countersign/audit';
import {
  type Adapter,
  type AdapterPayload,
  currentContext,
  errors,
} from '../engine/oidc-provider.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { hexSha256 } from '../road/hex-sha256.ts';
import { presentedToken } from './hide-structured-token.ts';
import { revokeIssued } from './revoke-tokens.ts';

const LONGEST_TOKEN = 16_384;
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

export function looksStructured(value: string): boolean {
  return value.length <= LONGEST_TOKEN && COMPACT.test(value);
}

type AccessModel = 'AccessToken' | 'ClientCredentials';

export function createAccessTokenAdapter(realm: RealmContext, model: AccessModel): Adapter {
  return {
    upsert: () => Promise.reject(new Error(`${model} is kept in the ledger, never here`)),
    find: (value) => findAccessToken(realm, model, value),
    findByUid: () => Promise.resolve(undefined),
    findByUserCode: () => Promise.resolve(undefined),
    consume: () => Promise.reject(new Error(`${model} is never consumed`)),
    destroy: (jti) => destroy(realm, jti),
    // The grant's own removal reaches its tokens, in its own transaction.
    revokeByGrantId: () => Promise.resolve(),
  };
}

async function findAccessToken(
  realm: RealmContext,
  model: AccessModel,
  value: string,
): Promise<AdapterPayload | undefined> {
  const context = currentContext();
  const found = await findIssued(realm, presentedToken(context, value), 'at+jwt');
  if (found === undefined || (await realm.audit.isRevoked(found.issued))) return undefined;
  const { claims, issued } = found;
  const ownKind: AccessModel = issued.grantId === undefined ? 'ClientCredentials' : 'AccessToken';
  if (ownKind !== model) return undefined;
  // The engine's user-info endpoint serves tokens without an audience; ours have the issuer's.
  const route = context?.oidc?.route;
  const atUserinfo = route === 'userinfo' && claims['aud'] === realm.issuer;
  return {
    ...picked(claims, { jti: 'jti', iat: 'iat', exp: 'exp', scope: 'scope', sid: 'sid' }),
    clientId: issued.clientId,
    ...(model === 'AccessToken' ? { accountId: issued.subject } : {}),
    // Without its grant the engine revokes this one token, not the whole sign-in.
    ...(model === 'AccessToken' && route !== 'revocation' ? { grantId: issued.grantId } : {}),
    ...(atUserinfo ? {} : { aud: String(claims['aud']) }),
    ...(issued.jkt === undefined ? {} : { jkt: issued.jkt }),
    extra: picked(claims, {
      tenant: 'tenant',
      root_auth_id: 'root_auth_id',
      parent_jti: 'parent_jti',
    }),
  };
}

interface FoundToken {
  issued: IssuedToken;
  claims: Record<string, unknown>;
}

async function findIssued(
  realm: RealmContext,
  token: string,
  typ: string,
): Promise<FoundToken | undefined> {
  if (!looksStructured(token)) return undefined;
  const issued = await realm.audit.findIssued({ tokenHash: hexSha256(token) });
  if (issued === undefined || issued.realm !== realm.id || issued.typ !== typ) return undefined;
  const [, payload = ''] = token.split('.');
  // Parsed only now: these are bytes we composed ourselves.
  return { issued, claims: JSON.parse(Buffer.from(payload, 'base64url').toString()) };
}

/** For `id_token_hint` (OpenID Connect RP-Initiated Logout §2). @throws when we did not issue it. */
export async function readIssuedIdToken(
  realm: RealmContext,
  token: string,
  clientId: string,
): Promise<{ header: Record<string, unknown>; payload: Record<string, unknown> }> {
  const found = await findIssued(realm, token, 'JWT');
  if (found === undefined || found.issued.clientId !== clientId) {
    throw new errors.InvalidRequest('the hint is not an ID token this issuer gave to this client');
  }
  const [header = ''] = token.split('.');
  return {
    header: JSON.parse(Buffer.from(header, 'base64url').toString()),
    payload: found.claims,
  };
}

async function destroy(realm: RealmContext, jti: string): Promise<void> {
  const issued = await realm.audit.findIssued({ jtiHash: hexSha256(jti) });
  if (issued !== undefined && issued.realm === realm.id) {
    await revokeIssued(realm, issued);
  }
}

function picked(
  claims: Record<string, unknown>,
  names: Record<string, string>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(names)
      .map(([to, from]) => [to, claims[from]] as const)
      .filter(([, value]) => value !== undefined),
  );
}

// Who may ask about a token (RFC 7662 §4) and who may revoke it (RFC 7009 §2.1): the client it was
// given to, and, for questions, a client that is registered for the API the token is meant for.

import { type EngineClient, errors } from '../engine/oidc-provider.ts';
import { clientRecord } from '../realm/find-client.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { mayUse } from '../realm/resolve-resource.ts';

interface QueriedToken {
  clientId?: string | undefined;
  aud?: string | string[] | undefined;
}

export async function mayIntrospect(
  realm: RealmContext,
  client: EngineClient,
  token: QueriedToken,
): Promise<boolean> {
  if (token.clientId === client.clientId) return true;
  if (client.clientAuthMethod === 'none' || typeof token.aud !== 'string') return false;
  return mayUse(await clientRecord(realm, client.clientId), token.aud);
}

export async function mayRevoke(client: EngineClient, token: QueriedToken): Promise<boolean> {
  if (token.clientId === client.clientId) return true;
  // A public client learns nothing about tokens that are not its own.
  if (client.clientAuthMethod === 'none') return false;
  throw new errors.InvalidRequest('this token was given to another client');
}

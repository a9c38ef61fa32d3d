// What a client may have without asking the person again: everything, when it is the organisation's
// own; otherwise what the person allowed it before. Anything beyond leads to the consent page.

import { type ConsentScopes, coversConsent } from '@countersign/directory';
import type { Engine, EngineContext, EngineGrant } from '../engine/oidc-provider.ts';
import { clientRecord } from '../realm/find-client.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { limitGrant, limitSession } from '../risk-gate/keep-limit.ts';

const nothing: ConsentScopes = { scopes: [], resourceScopes: {} };

export async function loadGrant(
  realm: RealmContext,
  engine: Engine,
  context: EngineContext,
): Promise<EngineGrant | undefined> {
  const { oidc } = context;
  limitSession(context);
  const clientId = oidc.client?.clientId ?? '';
  const accountId = oidc.account?.accountId ?? '';
  const grantId = oidc.result?.consent?.grantId ?? oidc.session?.grantIdFor(clientId);
  const found = grantId === undefined ? undefined : await engine.Grant.find(grantId);
  const existing = found?.accountId === accountId ? (found as EngineGrant) : undefined;

  const wanted = wantedScopes(context);
  if (!(await isAllowed(realm, clientId, accountId, wanted))) return existing;
  const grant = existing ?? new engine.Grant({ clientId, accountId });
  const limited = limitGrant(context, grant);
  if (addScopes(grant, wanted) || limited || existing === undefined) await grant.save();
  return grant;
}

async function isAllowed(
  realm: RealmContext,
  clientId: string,
  accountId: string,
  wanted: ConsentScopes,
): Promise<boolean> {
  const record = await clientRecord(realm, clientId);
  if (record?.first_party === true) return true;
  const given = await realm.directory.consents.find(realm.id, accountId, clientId);
  return coversConsent(given ?? nothing, wanted);
}

function wantedScopes({ oidc }: EngineContext): ConsentScopes {
  const requested = [...oidc.requestParamScopes];
  const resources = Object.entries(oidc.resourceServers ?? {}).map(([identifier, server]) => {
    const offered = new Set((server.scope ?? '').split(' '));
    return [identifier, requested.filter((scope) => offered.has(scope))] as const;
  });
  return {
    scopes: [...oidc.requestParamOIDCScopes],
    resourceScopes: Object.fromEntries(resources),
  };
}

/** Adds what is missing; @returns whether anything was. */
export function addScopes(grant: EngineGrant, wanted: ConsentScopes): boolean {
  const before = JSON.stringify([grant.openid, grant.resources]);
  if (wanted.scopes.length > 0) grant.addOIDCScope([...wanted.scopes]);
  for (const [resource, scopes] of Object.entries(wanted.resourceScopes)) {
    if (scopes.length > 0) grant.addResourceScope(resource, [...scopes]);
  }
  return JSON.stringify([grant.openid, grant.resources]) !== before;
}

// What an ID token (OpenID Connect Core §2) and a logout token (Back-Channel Logout §2.4) say. The
// engine collects the claims; id, lineage, tenant and receipt are ours. Anything else the engine
// might want signed (user info, introspection, JARM) is refused: it would bypass the log.

import type { SignatureAlg } from '@countersign/keys';
import { CodedError, newId, newTimedId, toSeconds } from '@countersign/vocabulary';
import { currentContext, type EngineIdToken, type IssueOptions } from '../engine/oidc-provider.ts';
import { LOGOUT_TOKEN_SECONDS } from '../population-policy.ts';
import type { ProviderCode } from '../provider-error.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { requestFacts } from '../realm/request-facts.ts';
import { signInBehind } from '../risk-gate/carry-judgement.ts';
import { issueToken, type TokenClaims } from './issue-token.ts';
import { traceAuthentication } from './trace-authentication.ts';
import { traceLineage } from './trace-lineage.ts';

const CHOICES = {
  idtoken: { kind: 'id', typ: 'JWT' },
  logout: { kind: 'logout', typ: 'logout+jwt' },
} as const;

/** @returns the compact token, logged, signed and on record. @throws CodedError issuance_bypassed */
export async function issueIdToken(
  realm: RealmContext,
  token: EngineIdToken,
  options: IssueOptions,
): Promise<string> {
  if (options.use !== 'idtoken' && options.use !== 'logout') {
    throw new CodedError<ProviderCode>(
      'issuance_bypassed',
      `A signed ${options.use} response would not be in the log, so there is none.`,
    );
  }
  const { kind, typ } = CHOICES[options.use];
  const context = token.ctx ?? currentContext();
  const collected = await token.payload();
  // The engine's own hashes would be over raw tokens; only response_type=code exists here.
  for (const name of ['at_hash', 'c_hash', 's_hash']) delete collected[name];
  const iat = toSeconds(realm.clock.nowMs());
  const jti = newId(realm.random);
  const lineage = traceLineage(realm.issuer, context, () =>
    newTimedId(realm.clock.nowMs(), realm.random),
  );
  const lifetime = kind === 'id' ? realm.policy.idTokenSeconds : LOGOUT_TOKEN_SECONDS;
  const claims: TokenClaims = {
    ...withoutUndefined(collected),
    ...(kind === 'id' ? traceAuthentication(context) : {}),
    iss: realm.issuer,
    sub: String(collected['sub']),
    aud: token.client.clientId,
    exp: iat + lifetime,
    iat,
    jti,
    tenant: realm.realm.tenant,
    root_auth_id: lineage.rootAuthId,
  };
  if (lineage.parentJti !== undefined) claims.parent_jti = lineage.parentJti;
  const algorithm = (token.client.idTokenSignedResponseAlg ?? 'ES256') as SignatureAlg;
  const signIn = signInBehind(context);
  const grantId = context?.oidc?.entities.Grant?.jti;
  return issueToken(realm.road, {
    realm: realm.id,
    kind,
    typ,
    key: await realm.keys.signingKey(algorithm),
    keyNow: (refused) => realm.keys.replacementOf(refused),
    claims,
    event: context?.oidc?.entities.RotatedRefreshToken ? 'token.refreshed' : 'token.issued',
    clientId: token.client.clientId,
    request: requestFacts(realm, context),
    ...(lineage.sessionUid === undefined ? {} : { sessionId: lineage.sessionUid }),
    ...(grantId === undefined ? {} : { grantId }),
    ...(signIn === undefined ? {} : { signIn }),
  });
}

function withoutUndefined(claims: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

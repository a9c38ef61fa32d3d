// What an access token says: RFC 9068, one audience, plus where it comes from and whose it is.

import type { IncomingMessage } from 'node:http';
import type { SignatureAlg } from '@countersign/keys';
import { newTimedId, type RiskDecision, type RiskFacts, toSeconds } from '@countersign/vocabulary';
import { currentContext, type EngineAccessToken, errors } from '../engine/oidc-provider.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { requestFacts } from '../realm/request-facts.ts';
import { signInBehind } from '../risk-gate/carry-judgement.ts';
import { decisionOf } from '../risk-gate/keep-decision.ts';
import { issueToken, type TokenClaims } from './issue-token.ts';
import { traceAuthentication } from './trace-authentication.ts';
import { traceLineage } from './trace-lineage.ts';

/**
 * @param asked the request behind it, for the record; default: the one the engine is working on.
 * @returns the compact token, logged, signed and on record.
 */
export async function issueAccessToken(
  realm: RealmContext,
  token: EngineAccessToken,
  asked?: { req: IncomingMessage },
): Promise<string> {
  const context = currentContext();
  const audience = Array.isArray(token.aud) ? token.aud[0] : token.aud;
  if (audience === undefined) {
    throw new errors.InvalidTarget('name the API the token is for with the resource parameter');
  }
  const lineage = traceLineage(realm.issuer, context, () =>
    newTimedId(realm.clock.nowMs(), realm.random),
  );
  const iat = toSeconds(realm.clock.nowMs());
  const claims: TokenClaims = {
    iss: realm.issuer,
    sub: token.accountId ?? token.clientId,
    aud: audience,
    exp: iat + token.expiration,
    iat,
    jti: token.jti,
    client_id: token.clientId,
    tenant: realm.realm.tenant,
    root_auth_id: lineage.rootAuthId,
    ...(token.kind === 'AccessToken' ? traceAuthentication(context) : {}),
  };
  if (lineage.parentJti !== undefined) claims.parent_jti = lineage.parentJti;
  if (token.scope) claims['scope'] = token.scope;
  if (token.sid !== undefined) claims['sid'] = token.sid;
  if (token.jkt !== undefined) claims['cnf'] = { jkt: token.jkt };
  const algorithm = (token.resourceServer?.jwt?.sign?.alg ?? 'ES256') as SignatureAlg;
  const decision = decisionOf((asked ?? context)?.req);
  const signIn = signInBehind(context);
  return issueToken(realm.road, {
    realm: realm.id,
    kind: 'access',
    typ: 'at+jwt',
    key: await realm.keys.signingKey(algorithm),
    keyNow: (refused) => realm.keys.replacementOf(refused),
    claims,
    event: isRefresh(token) ? 'token.refreshed' : 'token.issued',
    clientId: token.clientId,
    request: requestFacts(realm, asked ?? context),
    ...(token.scope ? { scope: token.scope } : {}),
    ...(token.grantId === undefined ? {} : { grantId: token.grantId }),
    ...(lineage.sessionUid === undefined ? {} : { sessionId: lineage.sessionUid }),
    ...(token.jkt === undefined ? {} : { jkt: token.jkt }),
    ...(signIn === undefined ? {} : { signIn }),
    ...(decision === undefined ? {} : { risk: riskFactsOf(decision) }),
  });
}

function riskFactsOf({ assessment, score, level, action }: RiskDecision): RiskFacts {
  return { assessment, score, level, action };
}

function isRefresh(token: EngineAccessToken): boolean {
  return token.gty?.endsWith('refresh_token') === true;
}

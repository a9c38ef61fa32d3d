// The last place before a token is logged and signed: what limits it, from the sign-in it descends from,
// from the judgement of this request and from what has happened since. Only ever less than was asked for.

import type { IncomingMessage } from 'node:http';
import {
  currentContext,
  type EngineAccessToken,
  type EngineContext,
  errors,
} from '../engine/oidc-provider.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { limitsBehind } from './carry-judgement.ts';
import { judgeAhead, limitsNow } from './judge-attempt.ts';
import { judgeDevice, judgeWorkload, refusal } from './judge-token.ts';
import { narrowToken } from './narrow-token.ts';
import { allowEverything } from './risk-gate.ts';

const DEVICE_CODE = 'device_code';

/** Of a token that the engine is making. @throws InvalidGrant when it may not be. */
export async function limitToken(realm: RealmContext, token: EngineAccessToken): Promise<void> {
  const context = currentContext();
  if (realm.risk === allowEverything || context === undefined) return;
  if (token.kind === 'ClientCredentials') await requireWorkload(realm, token, context);
  if (token.gty === DEVICE_CODE) await judgeDevice(realm, token);
  const now = limitsNow(realm, token.accountId ?? token.clientId, token.sessionUid);
  if (now?.deny === true) throw new errors.InvalidGrant({ detail: 'no token until risk changes' });
  const limits = [...limitsBehind(context), now];
  const { seconds, scope } = narrowToken({ seconds: token.expiration, scope: token.scope }, limits);
  token.expiresIn = seconds;
  if (scope !== token.scope) token.scope = scope;
}

async function requireWorkload(
  realm: RealmContext,
  { clientId, aud, scope, jkt }: EngineAccessToken,
  { req, oidc }: EngineContext,
): Promise<void> {
  const decision = await judgeWorkload(realm, req, {
    ...{ clientId, scope, dpopThumbprint: jkt },
    authMethod: oidc.client?.clientAuthMethod ?? 'none',
    audience: Array.isArray(aud) ? aud[0] : aud,
  });
  if (decision.action !== 'allow') throw refusal(decision);
}

/**
 * Of a token that passes beside the engine.
 * @returns undefined when it may not be: the engine, asked the same, refuses it. The token may not leave
 * before `recorded` resolves.
 */
export async function limitWorkload(
  realm: RealmContext,
  request: IncomingMessage,
  asked: { clientId: string; audience: string; seconds: number; scope: string },
): Promise<{ seconds: number; scope: string; recorded?: Promise<unknown> } | undefined> {
  const { clientId, audience, seconds, scope } = asked;
  if (realm.risk === allowEverything) return { seconds, scope };
  const authMethod = 'client_secret_basic';
  const facts = { clientId, authMethod, audience, scope };
  const { action, limit, recorded } = await judgeWorkload(realm, request, facts, judgeAhead);
  const now = limitsNow(realm, clientId, undefined);
  if (action !== 'allow' || now?.deny === true) return undefined;
  const left = narrowToken({ seconds, scope }, [limit, now]);
  const reach = { seconds: left.seconds, scope: left.scope ?? '' };
  return recorded === undefined ? reach : { ...reach, recorded };
}

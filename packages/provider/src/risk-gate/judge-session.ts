// A session that goes on to an application without anybody signing in: a cookie that was stolen does just
// that. To the risk it is what a refresh is, and whoever looks odd signs in again, where that is judged.

import type { IncomingMessage } from 'node:http';
import type { RiskDecision } from '@countersign/vocabulary';
import type { EngineContext, SessionFacts } from '../engine/oidc-provider.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { rootAuthId } from '../road/trace-lineage.ts';
import { describeAttempt } from './describe-attempt.ts';
import { judgeAttempt } from './judge-attempt.ts';
import { keepDecision } from './keep-decision.ts';
import { signInOf } from './keep-limit.ts';
import { allowEverything } from './risk-gate.ts';

/** @returns whether the session is not enough. Not asked where somebody signs in anyway, or just did. */
export async function isSessionOdd(
  realm: RealmContext,
  { req, oidc }: EngineContext,
): Promise<boolean> {
  const { session, account, client, result } = oidc;
  if (realm.risk === allowEverything || oidc.prompts.has('login')) return false;
  // A step that was left half-way has a result as well, and nobody has signed in with it.
  if (result?.login !== undefined || result?.consent !== undefined) return false;
  if (session?.accountId === undefined || account === undefined) return false;
  const decision = await judgeGoingOn(realm, req, session, client?.clientId);
  keepDecision(req, decision);
  return decision.action !== 'allow';
}

/** A session with a person, wherever it goes on to. */
export function judgeGoingOn(
  realm: RealmContext,
  request: IncomingMessage,
  session: SessionFacts,
  clientId: string | undefined,
): Promise<RiskDecision> {
  const { uid, accountId, amr, loginTs } = session;
  const signIn = signInOf(session);
  const attempt = describeAttempt(realm, request, {
    ...{ kind: 'refresh', outcome: 'success', subject: accountId, sessionId: uid },
    rootAuthId: rootAuthId(realm.issuer, uid, loginTs),
    ...(signIn === undefined ? {} : { signIn }),
    ...(amr === undefined ? {} : { methods: [...amr] }),
    ...(clientId === undefined ? {} : { clientId }),
  });
  return judgeAttempt(realm, attempt);
}

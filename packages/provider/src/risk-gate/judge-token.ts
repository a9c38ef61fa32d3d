// The gate where tokens are made without a sign-in page: a refresh, a workload, a device.

import type { IncomingMessage } from 'node:http';
import type { Attempt, RiskDecision } from '@countersign/vocabulary';
import {
  currentContext,
  type EngineAccessToken,
  type EngineRefreshToken,
  errors,
} from '../engine/oidc-provider.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { rootAuthId } from '../road/trace-lineage.ts';
import { signInBehind } from './carry-judgement.ts';
import { type AttemptFacts, describeAttempt } from './describe-attempt.ts';
import { endRefused, type RefusedSignIn } from './end-refused.ts';
import { judgeAttempt } from './judge-attempt.ts';
import { decisionOf, keepDecision } from './keep-decision.ts';
import { provedThumbprint } from './proved-thumbprint.ts';
import type { GateDecision } from './risk-gate.ts';

/** A client that acts for itself. `methods` says how it proved who it is, in OAuth's words. */
export interface WorkloadFacts {
  clientId: string;
  authMethod: string;
  audience?: string | undefined;
  scope?: string | undefined;
  dpopThumbprint?: string | undefined;
}

/** @param judge how: `judgeAhead` for who waits for `recorded` itself. */
export async function judgeWorkload(
  realm: RealmContext,
  request: IncomingMessage,
  { clientId, authMethod, audience, scope, dpopThumbprint }: WorkloadFacts,
  judge: (realm: RealmContext, attempt: Attempt) => Promise<GateDecision> = judgeAttempt,
): Promise<GateDecision> {
  const known = decisionOf(request);
  if (known !== undefined) return known;
  const attempt = describeAttempt(realm, request, {
    ...{ kind: 'token', outcome: 'success', clientId, dpopThumbprint },
    ...workloadOf(clientId, authMethod),
    ...(audience === undefined ? {} : { audience }),
    ...(scope === undefined || scope === '' ? {} : { scope }),
  });
  const decision = await judge(realm, attempt);
  keepDecision(request, decision);
  return decision;
}

/**
 * Before a refresh token is used up. A client with a secret asks from its own servers: what it shows is
 * its own and not the person's, so it is judged as the workload that it is.
 * @throws InvalidGrant once everything that descends from the sign-in has ended.
 */
export async function judgeRefresh(realm: RealmContext, token: EngineRefreshToken): Promise<void> {
  const context = currentContext();
  if (context === undefined) return;
  const { clientId, scope, jkt } = token;
  const authMethod = context.oidc.client?.clientAuthMethod ?? 'none';
  const attempt = describeAttempt(realm, context.req, {
    ...{ kind: 'refresh', outcome: 'success', clientId },
    ...(authMethod === 'none'
      ? personBehind(realm, token, signInBehind(context))
      : workloadOf(clientId, authMethod)),
    dpopThumbprint: jkt ?? (await provedThumbprint(context.req)),
    ...(scope === undefined ? {} : { scope }),
  });
  await settle(realm, context.req, await judgeAttempt(realm, attempt), token);
}

function personBehind(
  { issuer }: RealmContext,
  { accountId, sessionUid, authTime, amr }: EngineRefreshToken,
  signIn: string | undefined,
): Partial<AttemptFacts> {
  return {
    ...{ subject: accountId, rootAuthId: rootAuthId(issuer, sessionUid, authTime) },
    ...(signIn === undefined ? {} : { signIn }),
    ...(amr === undefined ? {} : { methods: [...amr] }),
    ...(sessionUid === undefined ? {} : { sessionId: sessionUid }),
  };
}

function workloadOf(clientId: string, authMethod: string): Partial<AttemptFacts> {
  return { subjectKind: 'workload', subject: clientId, methods: [authMethod] };
}

/** A device that was connected by a person gets its first token (RFC 8628). */
export async function judgeDevice(realm: RealmContext, token: EngineAccessToken): Promise<void> {
  const context = currentContext();
  const { accountId, clientId, grantId, sessionUid, scope, aud, jkt } = token;
  if (context === undefined || accountId === undefined || grantId === undefined) return;
  const audience = Array.isArray(aud) ? aud[0] : aud;
  const attempt = describeAttempt(realm, context.req, {
    ...{ kind: 'token', outcome: 'success', subject: accountId, clientId, dpopThumbprint: jkt },
    ...(sessionUid === undefined ? {} : { sessionId: sessionUid }),
    ...(audience === undefined ? {} : { audience }),
    ...(scope === undefined ? {} : { scope }),
  });
  const decision = await judgeAttempt(realm, attempt);
  await settle(realm, context.req, decision, { accountId, clientId, grantId, sessionUid });
}

/** Nobody is there who could step up: to be asked for one ends the sign-in, and the next is judged. */
async function settle(
  realm: RealmContext,
  request: IncomingMessage,
  decision: RiskDecision,
  signIn: RefusedSignIn,
): Promise<void> {
  keepDecision(request, decision);
  if (decision.action === 'allow') return;
  await endRefused(realm, signIn);
  throw refusal(decision);
}

/** The same words for every reason. */
export function refusal({ assessment }: RiskDecision): Error {
  return new errors.InvalidGrant({ detail: `refused by assessment ${assessment}` });
}

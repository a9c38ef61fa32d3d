// Puts each question about a token (RFC 7662) on record: who asked, about which, and what was answered.
// The answer does not fail with the record; what could not be written is told as a gap as soon as it can.

import { createHash } from 'node:crypto';
import type { CountersignEvent, TokenFacts } from '@countersign/vocabulary';
import type { Context, Middleware } from 'koa';
import type { EngineContext } from '../engine/oidc-provider.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { requestFacts } from '../realm/request-facts.ts';
import { presentedToken } from './hide-structured-token.ts';

interface Asked {
  route?: string;
  client?: { clientId: string };
  params?: Record<string, unknown>;
}

export function recordQueries(
  realm: RealmContext,
  report: (error: unknown, where: string) => void,
): Middleware {
  let missed = 0;
  return async (ctx, next) => {
    await next();
    const asked = ctx['oidc'] as Asked | undefined;
    if (asked?.route !== 'introspection' || ctx.status !== 200) return;
    const before = missed;
    try {
      await realm.audit.record([describeQuery(realm, ctx, asked)]);
      if (before > 0) await realm.audit.noteGaps([gapOf(realm, before)]);
      missed -= before;
    } catch (error) {
      missed += 1;
      report(error, 'record of an introspection');
    }
  };
}

function gapOf(realm: RealmContext, count: number) {
  const source = { kind: 'issuer', id: realm.issuer };
  return { tenant: realm.realm.tenant, source, reason: 'dropped' as const, count };
}

function describeQuery(realm: RealmContext, ctx: Context, asked: Asked): CountersignEvent {
  const answer = (typeof ctx.body === 'object' ? ctx.body : {}) as Record<string, unknown>;
  const given = String(asked.params?.['token'] ?? '');
  const token = presentedToken(ctx as unknown as EngineContext, given);
  const clientId = asked.client?.clientId;
  return {
    name: 'token.introspected',
    timeMs: realm.clock.nowMs(),
    realm: realm.id,
    ...(clientId === undefined ? {} : { clientId }),
    token: describeAnswer(token, answer, realm.issuer),
    request: requestFacts(realm, ctx),
    reason: answer['active'] === true ? 'active' : 'inactive',
  };
}

function describeAnswer(
  token: string,
  answer: Record<string, unknown>,
  issuer: string,
): TokenFacts {
  const { jti, sub, scope, exp } = answer;
  return {
    kind: 'other',
    tokenHash: hashOf(token),
    issuer,
    ...(typeof jti === 'string' ? { jtiHash: hashOf(jti) } : {}),
    ...(typeof sub === 'string' ? { subject: sub } : {}),
    ...(typeof scope === 'string' ? { scope } : {}),
    ...(typeof exp === 'number' ? { expiresAtSeconds: exp } : {}),
  };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

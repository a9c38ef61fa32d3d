// The outermost layer of a realm: bounds on what comes in, headers on what goes out, and the last
// place where a failure is caught. No failure shows how the server works.

import { newId } from '@countersign/vocabulary';
import type { Context, Middleware } from 'koa';
import { toOAuthError } from '../engine/translate-failures.ts';
import { setPageHeaders } from '../pages/page-frame.ts';
import type { RealmContext } from './realm-context.ts';
import { renderFailure } from './render-failure.ts';

export type ReportFailure = (error: unknown, reference: string) => void;

export function guardRequests(realm: RealmContext, report: ReportFailure): Middleware {
  return async (ctx, next) => {
    setPageHeaders(ctx);
    try {
      if (ctx.url.length > realm.limits.longestRequestTarget) {
        return answer(ctx, 414, 'invalid_request', 'the request target is too long');
      }
      if ((ctx.request.length ?? 0) > realm.limits.largestBodyBytes) {
        return answer(ctx, 413, 'invalid_request', 'the request body is too large');
      }
      await next();
      if (ctx.status === 404 && ctx.body === undefined) {
        answer(ctx, 404, 'not_found', 'there is nothing at this address');
      }
    } catch (error) {
      const reference = newId(realm.random);
      report(error, reference);
      await renderFailure(realm, ctx, toOAuthError(error), reference);
    }
    if (ctx.status === 503 && ctx.response.headers['retry-after'] === undefined) {
      ctx.set('Retry-After', String(realm.limits.retryAfterSeconds));
    }
  };
}

function answer(ctx: Context, status: number, error: string, description: string): void {
  ctx.status = status;
  ctx.body = { error, error_description: description };
}

/** Before a code or a refresh token is used up: could a token be issued at all? */
export function gateTokenRoute(realm: RealmContext): Middleware {
  return async (ctx, next) => {
    if (ctx.method === 'POST' && ctx.path === '/token') await realm.road.ready();
    await next();
  };
}

// The outermost layer of a realm: bounds on what comes in, headers on what goes out, and the last
// place where a failure is caught. No failure shows how the server works.

import { newId } from '@countersign/vocabulary';
import type { Context, Middleware } from 'koa';
import { toOAuthError } from '../engine/translate-failures.ts';
import { setPageHeaders } from '../pages/page-frame.ts';
import type { RealmContext } from './realm-context.ts';
import { renderFailure } from './render-failure.ts';
import { routePath } from './route-path.ts';

export type ReportFailure = (error: unknown, reference: string) => void;

/** Addresses that answer programs only, and so send no page. */
const FOR_PROGRAMS: ReadonlySet<string> = new Set([
  '/token',
  '/token/introspection',
  '/token/revocation',
  '/jwks',
  '/userinfo',
  '/request',
  '/device/auth',
]);

export function guardRequests(realm: RealmContext, report: ReportFailure): Middleware {
  return async (ctx, next) => {
    if (FOR_PROGRAMS.has(routePath(ctx))) ctx.set('X-Content-Type-Options', 'nosniff');
    else setPageHeaders(ctx);
    try {
      if (ctx.url.length > realm.limits.longestRequestTarget) {
        return answer(ctx, 414, 'invalid_request', 'the request target is too long');
      }
      if (Number(ctx.req.headers['content-length'] ?? 0) > realm.limits.largestBodyBytes) {
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
  return (ctx, next) => {
    if (ctx.method !== 'POST' || routePath(ctx) !== '/token') return next();
    const ready = realm.road.ready();
    return ready === undefined ? next() : ready.then(next);
  };
}

// What comes before the engine on the person's side of the device grant (RFC 8628).

import type { Middleware } from 'koa';
import { type EngineContext, oauthError } from '../engine/oidc-provider.ts';
import { nameNetwork } from '../sign-in/name-network.ts';
import type { RealmContext } from './realm-context.ts';
import { routePath } from './route-path.ts';

const LONGEST_USER_CODE = 32;

export const SESSION_COOKIE = 'countersign_session';

/**
 * A code in the link only fills the form: the person still compares it (§3.3.1). Guesses are counted
 * per address (§5.1). Who has no session begins at the form, because that is what gives one.
 */
export function guardDevicePage(realm: RealmContext): Middleware {
  return (ctx, next) => {
    const path = routePath(ctx);
    const isForm = path === '/device';
    if (!isForm && !(path.startsWith('/device/') && ctx.method === 'GET')) return next();
    const begins = isForm && ctx.method === 'GET';
    if (!begins && ctx.cookies.get(SESSION_COOKIE) === undefined) {
      ctx.status = 303;
      return ctx.redirect(`${realm.mountPath}/device`);
    }
    if (begins && ctx.query['user_code'] !== undefined) {
      const { user_code: code, ...others } = ctx.query;
      ctx.state['userCode'] = String(code).slice(0, LONGEST_USER_CODE);
      ctx.query = others;
    }
    if (ctx.method === 'POST') {
      const verdict = realm.attempts.begin(nameNetwork(realm.addressOf(ctx.req)));
      if (!verdict.allowed) {
        ctx.set('Retry-After', String(verdict.retryAfterSeconds));
        throw oauthError(429, 'slow_down', 'too many codes were tried; wait a few minutes');
      }
      ctx.state['codeAttempt'] = verdict.forgive;
    }
    return next();
  };
}

/** The code was right, so the attempt was none. */
export function forgiveAttempt(ctx: EngineContext): void {
  (ctx.state['codeAttempt'] as (() => void) | undefined)?.();
}

// The realm's key set, and of this realm only (RFC 7517; members iss, nbf, exp, tenant and
// token_types say what each key may speak for, RFC 8725 §3.8; itr is the log's receipt for its publication).

import type { Context, Middleware } from 'koa';
import type { RealmContext } from './realm-context.ts';
import { routePath } from './route-path.ts';

export function serveJwks(realm: RealmContext): Middleware {
  return (ctx, next) => {
    if (routePath(ctx) !== '/jwks') return next();
    return next().then(() => replaceBody(realm, ctx));
  };
}

async function replaceBody(realm: RealmContext, ctx: Context): Promise<void> {
  if (ctx['oidc']?.route !== 'jwks' || ctx.status !== 200) return;
  const keys = await realm.keys.publishedKeys();
  ctx.body = { keys };
  ctx.type = 'application/jwk-set+json; charset=utf-8';
  ctx.set('Cache-Control', `public, max-age=${realm.limits.jwksMaxAgeSeconds}`);
}

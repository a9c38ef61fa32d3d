// `/TENANT/POPULATION/account`: a person's own passkeys and sign-ins. Every change is a posted form with
// a token of its session, and ends on the page again.

import type { Context, Middleware } from 'koa';
import { type Engine, oauthError } from '../engine/oidc-provider.ts';
import { signInUnfinishedBody } from '../pages/account-page.ts';
import { sendPage } from '../pages/page-frame.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { realmPage } from '../realm/realm-page.ts';
import { isFormToken } from '../sign-in/form-token.ts';
import { readForm, requireSameOrigin } from '../sign-in/read-form.ts';
import { changeAccount, isChange } from './change-account.ts';
import { beginSignIn, openVisit } from './open-visit.ts';
import { ACCOUNT_FORMS, showAccount } from './show-account.ts';

export function serveAccount(realm: RealmContext, engine: Engine): Middleware {
  return async (ctx, next) => {
    const [, action] = /^\/account(?:\/([a-z-]{1,32}))?$/.exec(ctx.path) ?? [];
    if (ctx.path !== '/account' && action === undefined) return next();
    if (action === undefined && (ctx.method === 'GET' || ctx.method === 'HEAD')) {
      return visit(realm, engine, ctx);
    }
    if (ctx.method !== 'POST') {
      throw oauthError(405, 'invalid_request', 'this address takes posted forms only');
    }
    return change(realm, engine, ctx, action ?? '');
  };
}

async function visit(realm: RealmContext, engine: Engine, ctx: Context): Promise<void> {
  const home = `${realm.mountPath}/account`;
  if (ctx.query['error'] !== undefined) {
    const body = signInUnfinishedBody(home);
    return sendPage(ctx, 200, realmPage(realm, 'Your account', body), ["'self'"]);
  }
  // Back from signing in. What the address says is for nobody: the session says it all.
  if (ctx.query['code'] !== undefined) {
    ctx.status = 303;
    return ctx.redirect(home);
  }
  const visited = await openVisit(realm, engine, ctx);
  if (visited === undefined) return beginSignIn(realm, ctx, 'fresh');
  await showAccount(visited, 200, ctx.query['done']);
}

async function change(
  realm: RealmContext,
  engine: Engine,
  ctx: Context,
  action: string,
): Promise<void> {
  requireSameOrigin(ctx, realm.issuer);
  const form = await readForm(ctx, realm.limits.largestBodyBytes);
  const visited = await openVisit(realm, engine, ctx);
  if (visited === undefined) return beginSignIn(realm, ctx, 'fresh');
  const token = form.get('form_token') ?? undefined;
  if (!isFormToken(realm.secrets.formKey, visited.sessionUid, ACCOUNT_FORMS, token)) {
    throw oauthError(403, 'invalid_request', 'the form is out of date; open the page again');
  }
  if (action === 'confirm') return beginSignIn(realm, ctx, 'passkey');
  if (!isChange(action)) throw oauthError(404, 'not_found', 'there is nothing at this address');
  await changeAccount(visited, action, form);
}

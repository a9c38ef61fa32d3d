// The engine refuses to introspect or revoke a JWT by its looks (RFC 7662 and RFC 7009 do not). So
// on those two routes the presented token is set aside on the request and the engine sees a word
// that means nothing anywhere else; the adapter then looks up what was set aside.

import type { EngineContext } from '../engine/oidc-provider.ts';
import { looksStructured } from './find-structured-token.ts';

const ROUTES: ReadonlySet<string> = new Set(['introspection', 'revocation']);
const SET_ASIDE = 'structured-token';

const PARAMETERS = Symbol('parameters');
const PRESENTED = Symbol('presented token');

interface WatchedContext {
  route?: string;
  [PARAMETERS]?: Record<string, unknown>;
  [PRESENTED]?: string;
}

/** Watches the request parameters of every request of one engine. */
export function hideStructuredToken(contextPrototype: object): void {
  Object.defineProperty(contextPrototype, 'params', {
    configurable: true,
    get(this: WatchedContext) {
      return this[PARAMETERS];
    },
    set(this: WatchedContext, params: Record<string, unknown> | undefined) {
      if (params !== undefined && ROUTES.has(this.route ?? '')) setAside(this, params);
      this[PARAMETERS] = params;
    },
  });
}

function setAside(context: WatchedContext, params: Record<string, unknown>): void {
  const { token } = params;
  if (typeof token !== 'string' || !looksStructured(token)) return;
  context[PRESENTED] = token;
  params['token'] = SET_ASIDE;
}

/** The token a request is about: what was set aside, or the value itself where none was. */
export function presentedToken(context: EngineContext | undefined, value: string): string {
  const token = (context?.oidc as WatchedContext | undefined)?.[PRESENTED];
  return token !== undefined && value === SET_ASIDE ? token : value;
}

// The engine refuses to introspect or revoke a JWT by its looks (RFC 7662 and RFC 7009 do not). So
// on those two routes the presented token is set aside on the request and the engine sees a word
// that means nothing anywhere else; the adapter then looks up what was set aside.

import type { EngineContext } from '../engine/oidc-provider.ts';
import { looksStructured } from './find-structured-token.ts';

const ROUTES: ReadonlySet<string> = new Set(['introspection', 'revocation']);
const SET_ASIDE = 'structured-token';

const presented = new WeakMap<object, string>();
const parameters = new WeakMap<object, Record<string, unknown>>();

/** Watches the request parameters of every request of one engine. */
export function hideStructuredToken(contextPrototype: object): void {
  Object.defineProperty(contextPrototype, 'params', {
    configurable: true,
    get(this: object) {
      return parameters.get(this);
    },
    set(this: { route?: string }, params: Record<string, unknown>) {
      const token = params?.['token'];
      if (ROUTES.has(this.route ?? '') && typeof token === 'string' && looksStructured(token)) {
        presented.set(this, token);
        params['token'] = SET_ASIDE;
      }
      parameters.set(this, params);
    },
  });
}

/** The token a request is about: what was set aside, or the value itself where none was. */
export function presentedToken(context: EngineContext | undefined, value: string): string {
  const token = context?.oidc === undefined ? undefined : presented.get(context.oidc);
  return token !== undefined && value === SET_ASIDE ? token : value;
}

// The only requests this room sends: back-channel logouts to registered addresses. They never follow
// redirects, never take long, and outside development never reach a private address: the engine
// hands in a dispatcher that closes such a connection before anything is sent (SSRF).

import type { RealmContext } from './realm-context.ts';

export function fetchForRealm(
  realm: RealmContext,
  url: string | URL | Request,
  options: RequestInit | undefined,
): Promise<Response> {
  const guarded = { ...options } as RequestInit & { dispatcher?: unknown };
  if (realm.outbound === 'any') delete guarded.dispatcher;
  return fetch(url, {
    ...guarded,
    redirect: 'manual',
    signal: AbortSignal.timeout(realm.limits.outboundTimeoutMs),
  });
}

// What was judged of a sign-in, carried from its session by code and refresh token to each token that
// descends from it. Two sign-ins in one session share a grant and no more than that.

import type { EngineContext } from '../engine/oidc-provider.ts';
import { decisionOf } from './keep-decision.ts';
import { keptOf, limitOf, type RISK_MEMBERS, signInOf } from './keep-limit.ts';
import type { TokenLimits } from './risk-gate.ts';

type Carried = Partial<Record<(typeof RISK_MEMBERS)[number], unknown>>;

/** What is about to be kept remembers beside the engine's own members. */
export function carriedRisk(model: string, context: EngineContext | undefined): Carried {
  if (context?.oidc === undefined) return {};
  switch (model) {
    case 'Interaction':
      return keptOf({ limit: limitOfSession(context) });
    case 'AuthorizationCode':
      return keptOf({ signIn: signInOf(context.oidc.session), limit: limitOfSession(context) });
    case 'RefreshToken':
      return keptOf({ signIn: signInBehind(context) });
    default:
      return {};
  }
}

/** Of a session that goes on, how it looked then: its sign-in may have looked better. */
function limitOfSession({ req, oidc }: EngineContext): TokenLimits | undefined {
  const decision = decisionOf(req);
  if (decision?.action === 'allow') return decision.limit;
  // It was looked at before somebody was asked for consent, and nobody has signed in since.
  return oidc.result?.login === undefined ? limitOf(oidc.entities.Interaction) : undefined;
}

/** Id of the assessment of what the session of a token began with; undefined where nobody signed in. */
export function signInBehind(context: EngineContext | undefined): string | undefined {
  const { DeviceCode, AuthorizationCode, RotatedRefreshToken, RefreshToken, Grant } =
    context?.oidc?.entities ?? {};
  // A device that fetches its first token is judged then; who connected it sat at another one.
  if (DeviceCode !== undefined) return decisionOf(context?.req)?.assessment;
  const source = AuthorizationCode ?? RotatedRefreshToken ?? RefreshToken;
  if (source === undefined) return undefined;
  const { gty } = source as { gty?: string };
  // Of before codes carried it the grant knows, but not of a device.
  return signInOf(source) ?? (gty?.startsWith('device_code') ? undefined : signInOf(Grant));
}

/** What limits the tokens of a request: the sign-in, how its session looked since, and the request. */
export function limitsBehind({ req, oidc }: EngineContext): (TokenLimits | undefined)[] {
  const { Grant, AuthorizationCode } = oidc?.entities ?? {};
  return [limitOf(Grant), limitOf(AuthorizationCode), decisionOf(req)?.limit];
}

/** Whether a sign-in may outlast its first token. */
export function mayRenew(context: EngineContext): boolean {
  return !limitsBehind(context).some((limit) => limit?.withoutScopes?.includes('offline_access'));
}

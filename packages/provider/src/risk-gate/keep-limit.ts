// What a sign-in was limited to, kept where its tokens come from: in the session, for grants that are yet
// to be made, and in each grant, for as long as it gives tokens. A new sign-in is judged anew.

import type { EngineContext, EngineGrant } from '../engine/oidc-provider.ts';
import type { TokenLimits } from './risk-gate.ts';

/** The member of an interaction's result, of sessions and of grants. */
export const RISK_LIMIT = 'riskLimit';

type Limited = { [RISK_LIMIT]?: TokenLimits | undefined };

export function limitOf(kept: object | undefined): TokenLimits | undefined {
  return (kept as Limited | undefined)?.[RISK_LIMIT];
}

/** After a sign-in the session is limited as that was, or not any more. */
export function limitSession({ oidc }: EngineContext): void {
  const { session, result } = oidc;
  if (session === undefined || result?.login === undefined) return;
  const limit = limitOf(result);
  if (!isSame(limit, limitOf(session))) (session as Limited)[RISK_LIMIT] = limit;
}

/** @returns whether the grant has to be saved. */
export function limitGrant({ oidc }: EngineContext, grant: EngineGrant): boolean {
  const limit = limitOf(oidc.session);
  if (isSame(limit, limitOf(grant))) return false;
  (grant as Limited)[RISK_LIMIT] = limit;
  return true;
}

/** Whether a sign-in may outlast its first token. */
export function mayRenew({ oidc }: EngineContext): boolean {
  return limitOf(oidc.entities.Grant)?.withoutScopes?.includes('offline_access') !== true;
}

function isSame(one: TokenLimits | undefined, other: TokenLimits | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

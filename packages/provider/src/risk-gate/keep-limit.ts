// What was judged of a sign-in, kept where its tokens come from: in the session, for grants that are yet
// to be made, and in each grant, for as long as it gives tokens. A new sign-in is judged anew.

import type { EngineContext, EngineGrant } from '../engine/oidc-provider.ts';
import type { TokenLimits } from './risk-gate.ts';
import { NETWORK_MEMBER } from './sign-in-network.ts';

export interface JudgedSignIn {
  /** Id of its assessment. */
  signIn?: string | undefined;
  limit?: TokenLimits | undefined;
}

/** The members of an interaction's result, of sessions and of grants. */
export const RISK_MEMBERS = ['riskSignIn', 'riskLimit'] as const;

interface Judged {
  riskSignIn?: string | undefined;
  riskLimit?: TokenLimits | undefined;
}

/** As a member of what an interaction ends with. */
export function keptOf({ signIn, limit }: JudgedSignIn): Record<string, unknown> {
  return {
    ...(signIn === undefined ? {} : { riskSignIn: signIn }),
    ...(limit === undefined ? {} : { riskLimit: limit }),
  };
}

export function limitOf(kept: object | undefined): TokenLimits | undefined {
  return (kept as Judged | undefined)?.riskLimit;
}

/** Id of the assessment of the sign-in. */
export function signInOf(kept: object | undefined): string | undefined {
  return (kept as Judged | undefined)?.riskSignIn;
}

/** After a sign-in the session is as that was judged, and as none before. */
export function limitSession({ oidc }: EngineContext): void {
  const { session, result } = oidc;
  if (session === undefined || result?.login === undefined) return;
  copy(result, session);
  Object.assign(session, { [NETWORK_MEMBER]: result[NETWORK_MEMBER] });
}

/** @returns whether the grant has to be saved. */
export function limitGrant({ oidc }: EngineContext, grant: EngineGrant): boolean {
  return copy(oidc.session ?? {}, grant);
}

/** @returns whether anything changed. */
function copy(kept: object, keeper: object): boolean {
  const [from, to] = [kept as Judged, keeper as Judged];
  let changed = false;
  for (const member of RISK_MEMBERS) {
    if (JSON.stringify(from[member]) === JSON.stringify(to[member])) continue;
    Object.assign(to, { [member]: from[member] });
    changed = true;
  }
  return changed;
}

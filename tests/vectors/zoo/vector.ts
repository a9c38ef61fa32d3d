// What a vector is, as it stands in its file, and how the lists below write one down.

import { type BuiltToken, buildToken, type TokenPlan } from './build-token.ts';
import { AUDIENCE, CLIENT, NOW_MS } from './build-world.ts';

/** What the resource server knows about the request. Members as in the verifier's TokenContext. */
export interface VectorContext {
  audience: string;
  type?: 'access' | 'id';
  tenant?: string;
  issuer?: string;
  requiredClaims?: string[];
  scope?: string[];
  nonce?: string;
  http?: { method: string; url: string; scheme: 'Bearer' | 'DPoP'; dpopProof?: string };
}

export type Expectation =
  | { outcome: 'accepted'; subject: string; logIndex: number; issuedMs: number }
  | { outcome: 'refused'; code: string; alarm: boolean };

export interface Vector {
  name: string;
  /** One sentence: what is wrong, or what is right. */
  what: string;
  /** Where it comes from: an incident, a CVE, a section of a standard. */
  source?: string;
  nowMs: number;
  context: VectorContext;
  /** How often the token is shown; the expectation is of the last time, before it is accepted. */
  shown: number;
  expect: Expectation;
  token: string;
}

export interface Framing {
  source?: string;
  context?: Partial<VectorContext>;
  nowMs?: number;
  shown?: number;
  typ?: string;
}

const ACCESS: VectorContext = { audience: AUDIENCE };
export const ID: Partial<VectorContext> = { audience: CLIENT, type: 'id' };

function frame(
  name: string,
  what: string,
  framing: Framing,
  token: string,
  expect: Expectation,
): Vector {
  const { source, context, nowMs = NOW_MS, shown = 1 } = framing;
  return {
    name,
    what,
    ...(source === undefined ? {} : { source }),
    nowMs,
    context: { ...ACCESS, ...context },
    shown,
    expect,
    token,
  };
}

export function genuine(
  name: string,
  what: string,
  plan: TokenPlan,
  framing: Framing = {},
): Vector {
  const built = buildToken(name, framing.typ ?? 'at+jwt', plan);
  const subject = String(built.claims.sub);
  const { index: logIndex, issuedMs } = built;
  return frame(name, what, framing, built.token, {
    outcome: 'accepted',
    subject,
    logIndex,
    issuedMs,
  });
}

/** The codes that a stolen signing key or a written key set, and nothing else, can cause. */
const ALARMS: readonly string[] = [
  'key_unlogged',
  'receipt_missing',
  'receipt_malformed',
  'receipt_key_unknown',
  'receipt_invalid',
];

export function forged(
  name: string,
  code: string,
  what: string,
  plan: TokenPlan,
  framing: Framing = {},
  change: (built: BuiltToken) => string = (built) => built.token,
): Vector {
  const built = buildToken(name, framing.typ ?? 'at+jwt', plan);
  const expect: Expectation = { outcome: 'refused', code, alarm: ALARMS.includes(code) };
  return frame(name, what, framing, change(built), expect);
}

// Who judges tokens in a drill: verifiers of ours, each with caches of its own, and jose with its
// defaults for all the others.

import {
  createUseReporter,
  createVerifier,
  isVerificationError,
  type Verifier,
} from '@countersign/verifier';
import { systemClock } from '@countersign/vocabulary';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { DrillGround } from './prepare-drill.ts';

export interface DrillVerifier {
  name: string;
  ours: boolean;
  /** Whether it reports its uses to the server. */
  reports: boolean;
  /** Longest time its caches may keep a withdrawn key, by its documentation. */
  boundSeconds: number;
  /** Empty when accepted, else why not. */
  judge(token: string): Promise<string>;
  /** Begins a session with the token; resolves when that ends, with what ended it. */
  beginSession?(token: string): Promise<{ ended: Promise<string> }>;
  close(): Promise<void>;
}

/** `cacheMaxAge` of createRemoteJWKSet: jose looks at the key set again after this. */
const JOSE_CACHE_SECONDS = 600;
/** What our verifiers promise: the time in which a revocation must be everywhere (C-14). */
export const GOAL_SECONDS = 10;

/** @param at counts from 0; every second one reports */
export function openOurs(ground: DrillGround, at: number): DrillVerifier {
  const { policy, audience, reporter } = ground;
  const reports = at % 2 === 1 && policy.reports !== undefined;
  const uses =
    reports && policy.reports !== undefined
      ? createUseReporter({
          url: policy.reports.url,
          credential: reporter.credential,
          verifier: { name: `drill-${at + 1}`, version: '0.1.0' },
          clock: systemClock,
        })
      : undefined;
  const verifier = createVerifier(policy, uses === undefined ? {} : { reporter: uses });
  return {
    name: `countersign ${at + 1}`,
    ours: true,
    reports,
    boundSeconds: GOAL_SECONDS,
    judge: (token) => codeOf(() => verifier.verifyToken(token, { audience })),
    beginSession: (token) => beginSession(verifier, audience, token),
    close: async () => {
      await verifier.close();
      await uses?.close?.();
    },
  };
}

export function openJose({ policy, audience, issuer }: DrillGround): DrillVerifier {
  const jwksUri = policy.issuers[0]?.jwksUri ?? `${issuer}/jwks`;
  const keys = createRemoteJWKSet(new URL(jwksUri));
  return {
    name: 'jose',
    ours: false,
    reports: false,
    boundSeconds: JOSE_CACHE_SECONDS,
    judge: (token) => codeOf(() => jwtVerify(token, keys, { issuer, audience })),
    close: async () => {},
  };
}

async function codeOf(check: () => Promise<unknown>): Promise<string> {
  try {
    await check();
    return '';
  } catch (error) {
    if (isVerificationError(error)) return error.code;
    return error instanceof Error && 'code' in error ? String(error.code) : 'refused';
  }
}

async function beginSession(verifier: Verifier, audience: string, token: string) {
  const verified = await verifier.verifyToken(token, { audience });
  const ended = new Promise<string>((resolve) => {
    verifier.watch(verified, ({ code }) => resolve(code), { outliveToken: true });
  });
  return { ended };
}

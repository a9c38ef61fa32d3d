// Our own verifier as a resource server runs it: the policy pinned, the feed followed, uses reported,
// the log asked afterwards.

import { setTimeout as sleep } from 'node:timers/promises';
import {
  createUseReporter,
  createVerifier,
  isVerificationError,
  parsePolicy,
  type TokenContext,
  type VerifiedToken,
  type VerifierPolicy,
} from '@countersign/verifier';
import { systemClock } from '@countersign/vocabulary';
import type { Operator } from './operator.ts';
import type { StageServer } from './start-server.ts';

export interface Judgement {
  accepted: boolean;
  /** Closed code of the refusal; empty when accepted. */
  code: string;
  /** True when the refusal says that a signing key is in other hands. */
  alarm: boolean;
  verified: VerifiedToken | undefined;
}

export interface OurVerifier {
  judge(token: string, context?: Partial<TokenContext>): Promise<Judgement>;
  /** Judges again until it refuses. @throws Error when it still accepts at the deadline */
  awaitRefusal(token: string, code: string, withinMs: number): Promise<void>;
  /** Sends what is waiting to be reported. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface VerifierSetup {
  policy: VerifierPolicy;
  audience: string;
  /** Who reports uses to the server; without it nothing is reported. */
  credential?: string;
}

const LOOK_EVERY_MS = 100;

/** The policy that the developer of a resource fetched once and pinned. */
export async function pinPolicy(server: StageServer, issuer: string): Promise<VerifierPolicy> {
  const url = `${server.url}/api/v1/verifier-policy?issuer=${encodeURIComponent(issuer)}`;
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`No policy for ${issuer}: ${response.status} ${text}`);
  return parsePolicy(text);
}

/** Lets a resource report to the server. */
export async function reporterFor(
  operator: Operator,
  tenant: string,
  name: string,
): Promise<string> {
  const made = await operator.post<{ credential: string }>('/api/v1/reporters', { tenant, name });
  return made.credential;
}

export function openOurVerifier({ policy, audience, credential }: VerifierSetup): OurVerifier {
  const clock = systemClock;
  const reporter =
    credential === undefined || policy.reports === undefined
      ? undefined
      : createUseReporter({
          url: policy.reports.url,
          credential,
          verifier: { name: 'scenario', version: '0.1.0' },
          clock,
        });
  const verifier = createVerifier(policy, reporter === undefined ? {} : { reporter });
  const judge = async (token: string, context: Partial<TokenContext> = {}): Promise<Judgement> => {
    try {
      const verified = await verifier.verifyToken(token, { audience, ...context });
      return { accepted: true, code: '', alarm: false, verified };
    } catch (error) {
      if (!isVerificationError(error)) throw error;
      return { accepted: false, code: error.code, alarm: error.alarm, verified: undefined };
    }
  };
  return {
    judge,
    awaitRefusal: async (token, code, withinMs) => {
      const deadlineMs = performance.now() + withinMs;
      for (;;) {
        const judgement = await judge(token);
        if (judgement.code === code) return;
        if (performance.now() > deadlineMs) {
          const now = judgement.accepted ? 'accepted' : judgement.code;
          throw new Error(`After ${withinMs / 1000} s the verifier says ${now}, not ${code}.`);
        }
        await sleep(LOOK_EVERY_MS);
      }
    },
    flush: async () => {
      await reporter?.flush?.();
    },
    close: async () => {
      await verifier.close();
      await reporter?.close?.();
    },
  };
}

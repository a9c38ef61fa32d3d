// The verifier of a resource server as its developer sets it up: the policy fetched once and pinned,
// receipts required, the feed followed, every accepted token looked up in the log afterwards.

import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AuditAlarm,
  createDeferredAuditor,
  createFeedSource,
  createUseReporter,
  createVerifier,
  isVerificationError,
  parsePolicy,
  type TokenContext,
  type Verifier,
  type VerifierPolicy,
} from '@countersign/verifier';
import { systemClock as clock } from '@countersign/vocabulary';
import type { House } from './run-house.ts';

const PATIENCE_MS = 60_000;

export interface Judge extends Pick<Verifier, 'verifyToken'> {
  /** `accepted`, or the code of the refusal. */
  judge(token: string, context: TokenContext): Promise<string>;
  /** Judges again until the verdict is this one. @throws Error when it is not in time */
  awaitVerdict(verdict: string, token: string, context: TokenContext): Promise<void>;
  /** Resolves when every token accepted so far was looked up in the log. @throws Error too late */
  untilAudited(): Promise<void>;
  /** What the deferred audit found; empty in an honest house. */
  readonly alarms: AuditAlarm[];
  /** What could not be fetched. */
  readonly problems: string[];
  close(): Promise<void>;
}

export interface JudgeOptions {
  /** Time between fetches of the feed. Default: the verifier's own. */
  feedPollMs?: number;
  /** Reporter credential; without it no uses are reported. */
  credential?: string;
  /** How long strict audiences wait for the log. Default: the verifier's own. */
  strictWaitMs?: number;
}

export async function pinPolicy(house: House, issuer: string): Promise<VerifierPolicy> {
  const query = new URLSearchParams({ issuer });
  const response = await fetch(`${house.url}/api/v1/verifier-policy?${query}`);
  if (!response.ok) throw new Error(`no policy for ${issuer}: ${response.status}`);
  return parsePolicy(await response.text());
}

export function openJudge(policy: VerifierPolicy, options: JudgeOptions = {}): Judge {
  const alarms: AuditAlarm[] = [];
  const problems: string[] = [];
  const onProblem = (code: string, message: string) => problems.push(`${code}: ${message}`);
  const { feedPollMs: pollMs, credential, strictWaitMs } = options;
  const auditor = createDeferredAuditor({
    logs: policy.issuers.flatMap(({ receipts }) => receipts.logs),
    clock,
    onAlarm: (alarm) => alarms.push(alarm),
    onProblem: (_origin, code, message) => onProblem(code, message),
  });
  const verifier = createVerifier(policy, {
    auditor,
    onProblem,
    ...(strictWaitMs === undefined ? {} : { strictWaitMs }),
    ...(pollMs === undefined || policy.feed === undefined
      ? {}
      : { feed: createFeedSource({ ...policy.feed, clock, pollMs, onProblem }) }),
    ...(credential === undefined || policy.reports === undefined
      ? {}
      : { reporter: reportTo(policy.reports.url, credential, onProblem) }),
  });
  const judge = async (token: string, context: TokenContext): Promise<string> => {
    try {
      await verifier.verifyToken(token, context);
      return 'accepted';
    } catch (error) {
      if (isVerificationError(error)) return error.code;
      throw error;
    }
  };
  return {
    alarms,
    problems,
    judge,
    verifyToken: (token, context) => verifier.verifyToken(token, context),
    untilAudited: async () => {
      for (const deadlineMs = performance.now() + PATIENCE_MS; ; await sleep(50)) {
        if (auditor.auditLagMs(clock.nowMs()) === 0) return;
        if (performance.now() > deadlineMs) throw new Error(`not audited: ${problems.join(', ')}`);
      }
    },
    awaitVerdict: async (verdict, token, context) => {
      for (const deadlineMs = performance.now() + PATIENCE_MS; ; await sleep(50)) {
        const now = await judge(token, context);
        if (now === verdict) return;
        if (performance.now() > deadlineMs) throw new Error(`still ${now}, not ${verdict}`);
      }
    },
    close: async () => {
      await verifier.close();
      await auditor.close();
    },
  };
}

function reportTo(
  url: string,
  credential: string,
  onProblem: (code: string, message: string) => void,
) {
  const verifier = { name: 'end-to-end', version: '0.1.0' };
  return createUseReporter({ url, credential, verifier, clock, delayMs: 50, onProblem });
}

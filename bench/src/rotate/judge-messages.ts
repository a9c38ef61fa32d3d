// What passes between the process that issues and rotates and the one that judges.

import type { VerifierPolicy } from '@countersign/verifier';

export interface JudgeSetup {
  issuer: string;
  audience: string;
  policy: VerifierPolicy;
  /** A genuine token: all eight look at the key set for it before the load begins, as services in use have. */
  first: string;
  /** Lets every second verifier of ours report its uses; absent: none does. */
  reporterCredential?: string;
}

/** One token and when it was issued, by the clock of the machine. */
export interface Issued {
  token: string;
  kid: string;
  issuedMs: number;
}

export interface JudgedBy {
  name: string;
  ours: boolean;
  judged: number;
  /** Genuine tokens that it refused. */
  falseRejects: number;
  p50Ms: number;
  p99Ms: number;
}

export interface FalseReject {
  by: string;
  kid: string;
  reason: string;
  /** From issue to refusal. */
  ageMs: number;
}

export interface JudgeReport {
  verifiers: JudgedBy[];
  /** The first ones. */
  falseRejects: FalseReject[];
  /** Kids that were seen, in the order of their first token. */
  kids: string[];
}

export type ToJudge = { setup: JudgeSetup } | { issued: Issued[] } | { report: true };
export type FromJudge = { ready: true } | { report: JudgeReport };

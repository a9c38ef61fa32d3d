// One token on its way through the steps: what was handed in, and what each step found out. A step
// adds facts and throws a refusal; it never changes what an earlier step found.

import type { ProofRules } from '../dpop/check-proof.ts';
import type { Ed25519Verify } from '../platform/verification-key.ts';
import type {
  DeferredAuditor,
  FeedSource,
  IssuerKey,
  KeySource,
  ReplayHook,
  VerifierClock,
} from '../ports.ts';
import type { LeafTags } from '../receipt/leaf-entry.ts';
import type { LeafRecogniser } from '../receipt/recognise-leaf.ts';
import type { VerifiedSubtrees } from '../receipt/verified-subtrees.ts';
import type { RefusalCode } from '../refusal.ts';
import type { IssuerRules } from './issuer-rules.ts';
import type { Envelope } from './read-envelope.ts';
import type { TokenHeader } from './read-header.ts';
import type { TokenClaims, TokenContext } from './token-context.ts';

/** What does not change between tokens. */
export interface VerifierRules {
  readonly issuers: ReadonlyMap<string, IssuerRules>;
  readonly keys: KeySource;
  readonly feed: FeedSource | undefined;
  readonly auditor: DeferredAuditor | undefined;
  /** The caller's own memory for one-time tokens. */
  readonly replay: ReplayHook | undefined;
  readonly dpop: ProofRules;
  readonly subtrees: VerifiedSubtrees;
  /** Holds a tenant's tag key: that tenant's tokens must carry its tags. */
  readonly tenantTags: LeafRecogniser | undefined;
  readonly ed25519: Ed25519Verify | undefined;
  readonly toleranceSeconds: number;
  readonly maxTokenLength: number;
  /** How long a strict audience waits for the log; 0 in explanations, which do not wait. */
  readonly strictWaitMs: number;
  /** For what has to be looked at again after such a wait. */
  readonly clock: VerifierClock;
}

export interface ReceiptFacts {
  readonly origin: string;
  readonly index: number;
  readonly issuedMs: number;
  readonly leafHash: Uint8Array;
}

export interface Judgement {
  readonly token: string;
  readonly context: TokenContext;
  readonly nowMs: number;
  readonly tokenHash: string;
  envelope: Envelope | undefined;
  header: TokenHeader | undefined;
  payload: Readonly<Record<string, unknown>> | undefined;
  issuer: IssuerRules | undefined;
  key: IssuerKey | undefined;
  /** True once the issuer's signature is known to be good. */
  signed: boolean;
  receipt: ReceiptFacts | undefined;
  /** Tags of the receipt's leaf. */
  tags: LeafTags | undefined;
  receiptProblem: RefusalCode | undefined;
  /** True once the leaf was found in a checkpoint that counts. */
  included: boolean;
  claims: TokenClaims | undefined;
  /** Generation of the feed when the key was last looked up in it; -1 for never. */
  feedGeneration: number;
  /** Generation of the feed that held neither quarantine nor revocation; -1 for none. */
  clearedByFeed: number;
}

/** A passed step returns undefined; a skipped one says why it did not apply. */
export type Outcome = string | undefined;

export interface Step {
  readonly name: string;
  /** One sentence for whoever asks what this check establishes. */
  readonly establishes: string;
  /** True when it is run again for a token whose signatures are remembered. */
  readonly again: boolean;
  readonly run: (judgement: Judgement, rules: VerifierRules) => Outcome | Promise<Outcome>;
}

export function openJudgement(
  token: string,
  tokenHash: string,
  context: TokenContext,
  nowMs: number,
): Judgement {
  return {
    token,
    context,
    nowMs,
    tokenHash,
    envelope: undefined,
    header: undefined,
    payload: undefined,
    issuer: undefined,
    key: undefined,
    signed: false,
    receipt: undefined,
    tags: undefined,
    receiptProblem: undefined,
    included: false,
    claims: undefined,
    feedGeneration: -1,
    clearedByFeed: -1,
  };
}

/** Thrown by `known`: a step ran although the one it builds on failed. Only `explain` does that. */
export class UnknownFact extends Error {}

/** A fact that an earlier step must have established. */
export function known<T>(fact: T | undefined): T {
  if (fact === undefined) throw new UnknownFact('An earlier step did not establish this fact.');
  return fact;
}

// Whoever asks for evidence right after something happened means that too: the anchor that speaks for it
// comes within ten seconds, and a checkpoint over it a moment later. Where none comes, as while the log
// is away, the newest that can be proven has to do.

import { setTimeout as sleep } from 'node:timers/promises';
import type { AnchorBook } from '@countersign/archive';
import type { AnchorProof } from '@countersign/trail';
import type { AnchorProver } from './prove-anchor.ts';

export interface ProofWait {
  /** How often it is looked for a newer anchor. */
  pollMs: number;
  longestMs: number;
}

const PROOF_WAIT: ProofWait = { pollMs: 200, longestMs: 15_000 };

export interface WantedProof {
  tenant: string;
  /** Number of the event that the anchor is to speak for; 0 where there is none. */
  to: number;
  /** Aborted when nobody wants it any more. */
  signal: AbortSignal;
}

/** May speak for less than was wanted. */
export async function awaitProof(
  { book, prover }: { book: Pick<AnchorBook, 'latest'>; prover: AnchorProver },
  { tenant, to, signal }: WantedProof,
  { pollMs, longestMs }: ProofWait = PROOF_WAIT,
): Promise<AnchorProof | undefined> {
  const endMs = performance.now() + longestMs;
  let proof = await prover.prove(tenant);
  while ((proof?.entry.count ?? 0) < to && performance.now() < endMs && !signal.aborted) {
    // An aborted wait is a wait that is over.
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    const newest = (await book.latest())?.anchor;
    // A proof reads the log: not for the anchor that is proven already.
    if (newest !== proof?.entry.anchor) proof = await prover.prove(tenant);
  }
  return proof;
}

// Shows one vector to a verifier that lives in the vectors' world, and says whether the verdict is
// the one expected. A message means that it is not.

import type { createVerifier, VerifierPolicy } from '@countersign/verifier';
import type { World } from './build-world.ts';
import type { Expectation, Vector } from './vector.ts';

type CreateVerifier = typeof createVerifier;
export type OpenVerifier = ReturnType<CreateVerifier>;

/** A verifier whose clock and network are the world's. */
export function openVerifier(create: CreateVerifier, world: World, nowMs: number): OpenVerifier {
  return create(world.policy as VerifierPolicy, {
    clock: { nowMs: () => nowMs },
    fetch: async (url) => {
      const document = world.documents[url];
      return document === undefined
        ? new Response('', { status: 404 })
        : new Response(document.body, { status: document.status });
    },
    auditor: 'off',
  });
}

/** What is wrong with the verdict, undefined when nothing is. */
export async function judgeVector(
  verifier: OpenVerifier,
  vector: Vector,
): Promise<string | undefined> {
  for (let showing = 1; showing < vector.shown; showing += 1) {
    const early = await verdictOf(verifier, vector);
    if (early.outcome !== 'accepted') return `${vector.name}: refused at showing ${showing}`;
  }
  const verdict = await verdictOf(verifier, vector);
  const [got, wanted] = [JSON.stringify(verdict), JSON.stringify(vector.expect)];
  return got === wanted ? undefined : `${vector.name}: expected ${wanted}, got ${got}`;
}

async function verdictOf(verifier: OpenVerifier, vector: Vector): Promise<Expectation> {
  try {
    const { claims, receipt } = await verifier.verifyToken(vector.token, vector.context);
    const { index: logIndex = -1, issuedMs = -1 } = receipt ?? {};
    return { outcome: 'accepted', subject: claims.sub, logIndex, issuedMs };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'VerificationError') throw error;
    const { code, alarm } = error as Error & { code: string; alarm: boolean };
    return { outcome: 'refused', code, alarm };
  }
}

// Puts witnessing together for one log, and holds the log to what its witnesses have before anything
// is issued: a log restored from an old copy must not go on.

import {
  type NotaryClient,
  type NotaryKeys,
  proveGrowthFromTiles,
  type TileFetcher,
} from '@countersign/transparency';
import { parseVerifierKey } from '@countersign/verifier';
import type { WitnessPolicy } from '../settings/read-witness-policy.ts';
import { type RunParts, tellOfWitnesses } from './run-witnessing.ts';
import { Witnessing } from './witnessing.ts';

export interface WitnessingSource {
  notary: Pick<NotaryClient, 'nextHead' | 'showCosigned' | 'checkWitnessed'>;
  logKeys: Pick<NotaryKeys, 'origin' | 'checkpointKey'>;
  /** The published tiles, for proofs of growth. */
  tiles: TileFetcher;
  policy: WitnessPolicy;
}

/** @throws CodedError `rollback`, `log_forked`: a witness has seen more, or other, than the log holds */
export async function openWitnessing(
  { notary, logKeys, tiles, policy }: WitnessingSource,
  parts: RunParts,
): Promise<Witnessing> {
  const { origin, checkpointKey } = logKeys;
  const witnessing = new Witnessing({
    log: {
      origin,
      key: parseVerifierKey(checkpointKey),
      notary,
      prove: (oldSize, size) => proveGrowthFromTiles(tiles, oldSize, size),
    },
    policy,
    clock: parts.clock,
    ...tellOfWitnesses(origin, parts),
  });
  const silent = await witnessing.compareAll();
  if (silent.length > 0) {
    const message = `not compared with what these witnesses hold: ${silent.join(', ')}`;
    parts.log.warn({ origin, witnesses: silent }, message);
  }
  return witnessing;
}

// The engine as the server has it, for what is judged here: a model from a file, or the one that comes
// with the engine, and the network data that comes with the context room.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { decodeNetworks, type NetworkTable, SHIPPED_NETWORK_DATA } from '@countersign/context';
import { openStandardEngine, type RiskEngine, readDefaultModel } from '@countersign/risk';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';

export interface OpenedEngine {
  engine: RiskEngine;
  networks: NetworkTable | undefined;
}

/** @throws CodedError `file_unreadable` for a model that is named and cannot be used */
export function openEngine(world: CliWorld, model: string | undefined): OpenedEngine {
  const networks = readNetworks();
  if (model === undefined) {
    return { engine: openStandardEngine({ model: readDefaultModel() }).engine, networks };
  }
  const path = resolve(world.workingFolder, model);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw cliError('file_unreadable', `${path} cannot be read.`, error);
  }
  // Whoever names a file trusts it: it is held to what it is, and to nobody's signature.
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { engine, refused } = openStandardEngine({ file: { bytes, trust: { sha256 } } });
  if (refused === undefined) return { engine, networks };
  const why = refused instanceof Error ? refused.message : 'It cannot be read.';
  throw cliError('file_unreadable', `${path}: ${why}`, refused);
}

function readNetworks(): NetworkTable | undefined {
  try {
    return decodeNetworks(readFileSync(SHIPPED_NETWORK_DATA));
  } catch {
    // Said in every score: `no_network_data`.
    return undefined;
  }
}

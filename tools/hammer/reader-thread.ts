// A reader of the log under the hammer. `full` hashes every entry and compares the root with each
// checkpoint it sees; `random` proves one entry after the other. Both trust only the log's key.

import { setTimeout as wait } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import {
  equalBytes,
  hashLeaf,
  parseVerifierKey,
  RootAccumulator,
  TILE_WIDTH,
  type VerifiedCheckpoint,
  verifyCheckpoint,
  verifyInclusion,
} from '@countersign/verifier';
import { createLogReader, readInclusionProof } from '@countersign/watchers';
import { readPublishedFiles } from './read-files.ts';
import type { ReaderFindings, ReaderTask } from './start-reader.ts';

const PAUSE_MS = 50;
const task = workerData as ReaderTask;
const key = parseVerifierKey(task.logKey);
const reader = createLogReader({
  url: 'http://127.0.0.1/',
  fetch: readPublishedFiles(task.folder),
});
const found: ReaderFindings = { entries: 0, proofs: 0, checkpoints: 0 };
const growing = new RootAccumulator();
let lastSize = 0;
let finishing = false;

async function readCheckpoint(): Promise<VerifiedCheckpoint> {
  const note = Buffer.from(await reader.checkpoint());
  const checkpoint = await verifyCheckpoint(note, task.origin, key);
  if (checkpoint.size < lastSize) throw new Error('A checkpoint is smaller than one before it.');
  if (checkpoint.size > lastSize) found.checkpoints += 1;
  lastSize = checkpoint.size;
  return checkpoint;
}

async function readEverything({ size, root }: VerifiedCheckpoint): Promise<void> {
  while (growing.size < size) {
    const bundle = Math.floor(growing.size / TILE_WIDTH);
    const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH);
    const entries = await reader.entries(bundle, width);
    for (const entry of entries.slice(growing.size % TILE_WIDTH)) {
      growing.add(hashLeaf(entry));
      found.entries += 1;
    }
  }
  if (!equalBytes(growing.root(), root)) {
    throw new Error(`The entries do not make the root signed for ${size}.`);
  }
}

async function proveOne({ size, root }: VerifiedCheckpoint): Promise<void> {
  const index = Math.floor(Math.random() * size);
  const bundle = Math.floor(index / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH);
  const [path, entries] = await Promise.all([
    readInclusionProof(reader, index, size),
    reader.entries(bundle, width),
  ]);
  const leaf = hashLeaf(entries[index % TILE_WIDTH] as Uint8Array);
  if (!verifyInclusion(leaf, index, size, path, root)) {
    throw new Error(`Entry ${index} of ${size} cannot be proved from the tiles.`);
  }
  found.proofs += 1;
}

async function read(): Promise<void> {
  for (let last = false; !last; ) {
    last = finishing;
    const checkpoint = await readCheckpoint();
    if (task.kind === 'full') {
      await readEverything(checkpoint);
      await wait(PAUSE_MS);
    } else if (checkpoint.size > 0) {
      await proveOne(checkpoint);
    } else {
      await wait(PAUSE_MS);
    }
  }
}

parentPort?.once('message', () => {
  finishing = true;
});
try {
  await read();
} catch (error) {
  found.fault = `A ${task.kind} reader: ${error instanceof Error ? error.message : String(error)}`;
}
parentPort?.postMessage(found);

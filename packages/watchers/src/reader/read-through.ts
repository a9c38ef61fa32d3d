// Reads a log from end to end and proves that nothing was left out: the root over every entry read
// must be the one that the log signed. In constant memory, some bundles ahead of the reader.

import {
  equalBytes,
  hashLeaf,
  nodesOfRange,
  RootAccumulator,
  TILE_WIDTH,
} from '@countersign/verifier';
import { refusal } from '../watcher-error.ts';
import type { LogReader } from './log-reader.ts';

export interface ReadThroughRequest {
  reader: LogReader;
  /** A checkpoint that was verified. */
  checkpoint: { readonly size: number; readonly root: Uint8Array };
  /**
   * First entry of interest, at most the size; default 0. What is before is not read: hash tiles
   * stand for it, and the root proves them too.
   */
  from?: number;
  /**
   * Called in order, before the root is known: conclusions wait until `readThrough` resolves. The
   * bytes may be a view that is gone after the call.
   */
  onEntry(entry: Uint8Array, index: number): void;
  /** Entries that are read already, and all there are to read. */
  onProgress?(done: number, total: number): void;
}

/**
 * Resolves when the entries `[from, size)` are proven to be those of the checkpoint, all of them.
 * @throws CodedError `log_unproven` when the root differs; as LogReader
 */
export async function readThrough(request: ReadThroughRequest): Promise<void> {
  const { reader, checkpoint, from = 0, onEntry, onProgress } = request;
  const { size, root } = checkpoint;
  const start = from - (from % TILE_WIDTH);
  const growing = await beginAt(reader, Math.min(start, size), size);
  for await (const entries of readAhead(reader, growing.size, size)) {
    for (const entry of entries) {
      const index = growing.size;
      growing.add(hashLeaf(entry));
      if (index >= from) onEntry(entry, index);
    }
    onProgress?.(growing.size - start, size - start);
  }
  if (growing.size === size && equalBytes(growing.root(), root)) return;
  throw refusal(
    'log_unproven',
    `The entries that the log serves do not make the root it signed for ${size} entries: some are missing, changed or added.`,
  );
}

async function beginAt(reader: LogReader, start: number, size: number): Promise<RootAccumulator> {
  const nodes = nodesOfRange({ start: 0, end: start });
  if (nodes.length === 0) return new RootAccumulator();
  const read = await reader.nodes(nodes, size);
  return new RootAccumulator(start, nodes.map(read));
}

/** Bundles in order, as many requests under way as the reader allows. */
async function* readAhead(
  reader: LogReader,
  start: number,
  size: number,
): AsyncGenerator<Uint8Array[]> {
  const underWay: Promise<Uint8Array[]>[] = [];
  let next = start / TILE_WIDTH;
  for (;;) {
    while (underWay.length < reader.parallel && next * TILE_WIDTH < size) {
      const asked = reader.entries(next, Math.min(TILE_WIDTH, size - next * TILE_WIDTH));
      // It may fail long before its turn; then it is heard when its turn comes.
      asked.catch(() => undefined);
      underWay.push(asked);
      next += 1;
    }
    const first = underWay.shift();
    if (first === undefined) return;
    yield await first;
  }
}

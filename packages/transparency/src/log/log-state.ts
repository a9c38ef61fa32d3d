// The log in memory: the growing tree and the tiles that are not published yet. Both the append
// path and recovery feed it, so that what is replayed and what was answered cannot differ.

import { hashLeaf } from '@countersign/verifier';
import type { EdgeTiles } from '../tiles/edge-tiles.ts';
import { GrowingTree } from '../tree/growing-tree.ts';
import type { IssuedSubtree } from './issue-receipts.ts';

const LEVELS_PER_TILE = 8;

export class LogState {
  readonly edge: EdgeTiles;
  readonly #tree: GrowingTree;

  /** @param edge tiles that end at `size` */
  constructor(edge: EdgeTiles, size: number) {
    this.edge = edge;
    // Leaf hashes reach level 0 from `grow`, because a group's subtrees are pushed by their roots.
    const onTileNode = (level: number, hash: Uint8Array): void => {
      if (level > 0) edge.addHash(level / LEVELS_PER_TILE, hash);
    };
    this.#tree = new GrowingTree(onTileNode, size, edge.compactRange(size));
  }

  /** Entries that are durable. */
  get size(): number {
    return this.#tree.size;
  }

  root(): Uint8Array {
    return this.#tree.root();
  }

  /** Takes in a durable group whose subtrees are known. */
  grow(
    entries: readonly Uint8Array[],
    leafHashes: readonly Uint8Array[],
    subtrees: readonly IssuedSubtree[],
  ): void {
    for (const entry of entries) this.edge.addEntry(entry);
    for (const leafHash of leafHashes) this.edge.addHash(0, leafHash);
    for (const { level, root } of subtrees) this.#tree.push(level, root);
  }

  /** Takes in one entry of the WAL, hashed anew from its stored bytes. */
  replay(entry: Uint8Array): void {
    const leafHash = hashLeaf(entry);
    this.grow([entry], [leafHash], [{ level: 0, root: leafHash }]);
  }
}

// The log in memory: the growing tree and the tiles that are not published yet. Both the append
// path and recovery feed it, so that what is replayed and what was answered cannot differ.

import type { EdgeTiles } from '../tiles/edge-tiles.ts';
import { GrowingTree } from '../tree/growing-tree.ts';
import { rootOf, type SealedGroup, sealGroup } from '../tree/seal-group.ts';

const LEVELS_PER_TILE = 8;

export class LogState {
  readonly edge: EdgeTiles;
  readonly #tree: GrowingTree;

  /** @param edge tiles that end at `size` */
  constructor(edge: EdgeTiles, size: number) {
    this.edge = edge;
    // Leaf hashes reach level 0 from `grow`, because a group's subtrees are pushed by their roots.
    const onTileNode = (level: number, hash: Uint8Array): void => {
      if (level > 0) edge.addHashes(level / LEVELS_PER_TILE, hash);
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

  /** Takes in a durable group that was sealed at this size. */
  grow(entries: readonly Uint8Array[], { leafHashes, subtrees }: SealedGroup): void {
    for (const entry of entries) this.edge.addEntry(entry);
    this.edge.addHashes(0, leafHashes);
    for (const subtree of subtrees) this.#tree.push(subtree.level, rootOf(subtree));
  }

  /** Takes in entries of the WAL, hashed anew from their stored bytes. */
  replay(entries: readonly Uint8Array[]): void {
    this.grow(entries, sealGroup(this.size, entries));
  }
}

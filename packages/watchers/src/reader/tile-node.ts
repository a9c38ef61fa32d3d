// Where a node of the tree lies in the tiles, and its hash folded from those of its tile (C2SP
// tlog-tiles: tile level L holds the nodes of tree level 8·L).

import {
  hashNode,
  TILE_HEIGHT,
  TILE_WIDTH,
  type TileAddress,
  type TreeNode,
  tileHolding,
} from '@countersign/verifier';

/** The tile that holds the node in a tree of `size` leaves, as wide as it is there. */
export function addressOfNode({ level, index }: TreeNode, size: number): TileAddress {
  const position = index * 2 ** (level % TILE_HEIGHT);
  return tileHolding(Math.floor(level / TILE_HEIGHT), position, size);
}

/** @param hashes those of the tile that `addressOfNode` names */
export function nodeFromHashes(
  hashes: readonly Uint8Array[],
  { level, index }: TreeNode,
): Uint8Array {
  const span = 2 ** (level % TILE_HEIGHT);
  const first = (index * span) % TILE_WIDTH;
  let row = hashes.slice(first, first + span);
  while (row.length > 1) {
    const parents: Uint8Array[] = [];
    for (let at = 0; at + 1 < row.length; at += 2) {
      parents.push(hashNode(row[at] as Uint8Array, row[at + 1] as Uint8Array));
    }
    row = parents;
  }
  return row[0] ?? new Uint8Array(0);
}

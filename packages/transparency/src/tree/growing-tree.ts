// The right edge of the log's one Merkle tree: for each level at most one complete subtree that
// still waits for its right sibling (a "compact range"). Appending costs one hash per entry.

import { EMPTY_ROOT, hashNode } from '@countersign/verifier';

/** Called for every complete node whose level is a multiple of 8: those are what tiles store. */
export type OnTileNode = (level: number, hash: Uint8Array) => void;

const LEVELS_PER_TILE = 8;

export class GrowingTree {
  /** At [level] the complete subtree of 2^level leaves that has no right sibling yet. */
  readonly #waiting: (Uint8Array | undefined)[];
  readonly #onTileNode: OnTileNode;
  #size: number;

  /**
   * @param size leaves so far
   * @param edge hash of the complete subtree at each set bit of `size`, by level
   */
  constructor(onTileNode: OnTileNode, size = 0, edge: readonly (Uint8Array | undefined)[] = []) {
    this.#onTileNode = onTileNode;
    this.#size = size;
    this.#waiting = [...edge];
  }

  get size(): number {
    return this.#size;
  }

  /** Appends a complete subtree of 2^level leaves; the size must be a multiple of that. */
  push(level: number, hash: Uint8Array): void {
    const span = 2 ** level;
    if (this.#size % span !== 0) throw new Error('A subtree was appended where it does not fit.');
    let node = hash;
    let height = level;
    if (height % LEVELS_PER_TILE === 0) this.#onTileNode(height, node);
    for (let left = this.#waiting[height]; left !== undefined; left = this.#waiting[height]) {
      node = hashNode(left, node);
      this.#waiting[height] = undefined;
      height += 1;
      if (height % LEVELS_PER_TILE === 0) this.#onTileNode(height, node);
    }
    this.#waiting[height] = node;
    this.#size += span;
  }

  /** Root of the tree as it now is (RFC 9162 §2.1.1). */
  root(): Uint8Array {
    let root: Uint8Array | undefined;
    for (const hash of this.#waiting) {
      if (hash !== undefined) root = root === undefined ? hash : hashNode(hash, root);
    }
    return root ?? EMPTY_ROOT;
  }
}

// The compact range of a tree that grows by leaves (RFC 9162 §2.1.1): the roots of its complete
// subtrees, largest first. All a monitor keeps of the leaves it has read, and enough for the root.

import { EMPTY_ROOT, hashNode } from '@countersign/verifier';

/** Told of each node that becomes complete, leaves included. */
export type NodeListener = (level: number, index: number, hash: Uint8Array) => void;

export class GrowingRange {
  #size: number;
  readonly #hashes: Uint8Array[];

  /** @param hashes one for each set bit of `size`, largest subtree first */
  constructor(size = 0, hashes: readonly Uint8Array[] = []) {
    this.#size = size;
    this.#hashes = [...hashes];
  }

  get size(): number {
    return this.#size;
  }

  get hashes(): readonly Uint8Array[] {
    return this.#hashes;
  }

  copy(): GrowingRange {
    return new GrowingRange(this.#size, this.#hashes);
  }

  add(leafHash: Uint8Array, onNode?: NodeListener): void {
    this.#hashes.push(leafHash);
    this.#size += 1;
    onNode?.(0, this.#size - 1, leafHash);
    let index = this.#size;
    for (let level = 1; index % 2 === 0; level += 1) {
      index /= 2;
      const right = this.#hashes.pop() as Uint8Array;
      const parent = hashNode(this.#hashes.pop() as Uint8Array, right);
      this.#hashes.push(parent);
      onNode?.(level, index - 1, parent);
    }
  }

  root(): Uint8Array {
    const [first, ...rest] = this.#hashes.toReversed();
    return rest.reduce((right, left) => hashNode(left, right), first ?? EMPTY_ROOT);
  }
}

/** How many subtrees the range of a tree of `size` leaves has. */
export function rangeLength(size: number): number {
  return size.toString(2).replaceAll('0', '').length;
}

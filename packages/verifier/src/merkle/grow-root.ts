// The root of a tree whose leaves come one by one (RFC 9162 §2.1.1), in constant memory: for readers
// who go through a whole log and then hold what they saw against its signed root.

import { FormatError } from '../format-error.ts';
import { EMPTY_ROOT, hashNode } from './hash-node.ts';
import { nodesOfRange } from './prove.ts';

/** Told of each node that becomes complete, the leaf included. */
export type NodeListener = (level: number, index: number, hash: Uint8Array) => void;

export class RootAccumulator {
  #size: number;
  /** Hashes of the full subtrees that the leaves so far fall into, largest first. */
  readonly #peaks: Uint8Array[];

  /**
   * @throws FormatError `proof_impossible` when there are more or fewer peaks than that
   * @param size leaves that are already there; default none
   * @param peaks hashes of the nodes that `nodesOfRange` names for `[0, size)`, in its order; believed
   *   here, and refuted by the final root when they are wrong
   */
  constructor(size = 0, peaks: readonly Uint8Array[] = []) {
    if (peaks.length !== nodesOfRange({ start: 0, end: size }).length) {
      throw new FormatError('proof_impossible', 'The hashes do not make a tree of that size.');
    }
    this.#size = size;
    this.#peaks = [...peaks];
  }

  get size(): number {
    return this.#size;
  }

  /** What a later accumulator of this size is made of, largest subtree first. */
  get peaks(): readonly Uint8Array[] {
    return this.#peaks;
  }

  copy(): RootAccumulator {
    return new RootAccumulator(this.#size, this.#peaks);
  }

  add(leafHash: Uint8Array, onNode?: NodeListener): void {
    let hash = leafHash;
    let index = this.#size;
    onNode?.(0, index, hash);
    // Division, because sizes go beyond what 32-bit operators hold.
    for (let level = 1; index % 2 === 1; level += 1) {
      index = (index - 1) / 2;
      hash = hashNode(this.#peaks.pop() ?? EMPTY_ROOT, hash);
      onNode?.(level, index, hash);
    }
    this.#peaks.push(hash);
    this.#size += 1;
  }

  root(): Uint8Array {
    const [last, ...larger] = this.#peaks.toReversed();
    if (last === undefined) return EMPTY_ROOT;
    return larger.reduce((right, left) => hashNode(left, right), last);
  }
}

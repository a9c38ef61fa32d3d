// The root of a tree whose leaves come one by one (RFC 9162 §2.1.1), in constant memory: for readers
// who go through a whole log and then hold what they saw against its signed root.

import { FormatError } from '../format-error.ts';
import { EMPTY_ROOT, hashNode } from './hash-node.ts';
import { nodesOfRange } from './prove.ts';

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

  add(leafHash: Uint8Array): void {
    let hash = leafHash;
    // Division, because sizes go beyond what 32-bit operators hold.
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      hash = hashNode(this.#peaks.pop() ?? EMPTY_ROOT, hash);
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

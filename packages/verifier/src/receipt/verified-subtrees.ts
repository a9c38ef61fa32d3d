// Remembers which subtrees a log has signed, so that tokens of one batch pay for one signature.
// A hit demands that root and signature equal the verified copy byte for byte: the whole path is
// hashed anew each time, so no byte of a receipt is ever believed because of what came before.

import { equalBytes } from '../bytes/compare-bytes.ts';
import type { LeafRange } from '../merkle/subtree.ts';

interface VerifiedSubtree {
  readonly root: Uint8Array;
  readonly signature: Uint8Array;
}

/** Least recently used entries go first. */
export class VerifiedSubtrees {
  readonly #limit: number;
  readonly #known = new Map<string, VerifiedSubtree>();

  /** @param limit most subtrees remembered, about 250 bytes each */
  constructor(limit: number) {
    this.#limit = limit;
  }

  has(logKey: string, subtree: LeafRange, root: Uint8Array, signature: Uint8Array): boolean {
    const name = nameOf(logKey, subtree);
    const known = this.#known.get(name);
    if (known === undefined) return false;
    if (!equalBytes(known.root, root) || !equalBytes(known.signature, signature)) return false;
    this.#known.delete(name);
    this.#known.set(name, known);
    return true;
  }

  add(logKey: string, subtree: LeafRange, root: Uint8Array, signature: Uint8Array): void {
    // A single leaf is verified once and then lives in the token cache; it would only crowd this one.
    if (this.#limit === 0 || subtree.end - subtree.start === 1) return;
    const name = nameOf(logKey, subtree);
    this.#known.delete(name);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size < this.#limit) break;
      this.#known.delete(oldest);
    }
    this.#known.set(name, { root: Uint8Array.from(root), signature: Uint8Array.from(signature) });
  }
}

function nameOf(logKey: string, { start, end }: LeafRange): string {
  return `${start}-${end}@${logKey}`;
}

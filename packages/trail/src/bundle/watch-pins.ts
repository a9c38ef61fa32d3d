// Holds the chain against anchors that were kept earlier: whoever kept one knows a head and a root of
// segments that every later history must go through.

import type { Buffer } from 'node:buffer';
import { EMPTY_ROOT, encodeHex, type RootAccumulator } from '@countersign/verifier';
import type { AnchorEntry } from '../anchor/anchor-entry.ts';
import { extendHead } from '../leaf/chain.ts';
import { TRAIL_HASH_BYTES } from '../leaf/hash-event.ts';
import type { PinVerdict } from './verdict.ts';

interface WatchedPin {
  entry: AnchorEntry;
  head: boolean | undefined;
  root: boolean | undefined;
}

export class PinWatch {
  readonly #pins: WatchedPin[];

  constructor(entries: readonly AnchorEntry[]) {
    this.#pins = [...entries]
      .sort((a, b) => a.count - b.count)
      .map((entry) => ({ entry, head: undefined, root: undefined }));
    this.segments(0, undefined);
  }

  /** The head after the leaves that begin at `first`; looks at each pinned place on the way. */
  follow(head: Uint8Array, first: number, leaves: Buffer): Uint8Array {
    let reached = head;
    let at = 0;
    for (const { entry } of this.#pins) {
      const end = (entry.count - first + 1) * TRAIL_HASH_BYTES;
      if (end <= at || end > leaves.length) continue;
      reached = extendHead(reached, leaves.subarray(at, end));
      at = end;
      this.head(entry.count, reached);
    }
    return at < leaves.length ? extendHead(reached, leaves.subarray(at)) : reached;
  }

  /** The head after `count` events, wherever it is known. */
  head(count: number, head: Uint8Array): void {
    const hex = encodeHex(head);
    for (const pin of this.#pins) {
      if (pin.entry.count === count) pin.head = (pin.head ?? true) && pin.entry.head === hex;
    }
  }

  /** @param tree of the manifests of so many segments; undefined for none */
  segments(count: number, tree: RootAccumulator | undefined): void {
    for (const pin of this.#pins) {
      if (pin.entry.segments !== count) continue;
      pin.root = encodeHex(tree?.root() ?? EMPTY_ROOT) === pin.entry.segmentsRoot;
    }
  }

  /** @param reached number of the last event of the bundle */
  judge(reached: number): PinVerdict[] {
    return this.#pins.map(({ entry, head, root }) => {
      const { anchor, count } = entry;
      if (head === false || root === false) return { anchor, count, state: 'contradicted' };
      if (count > reached) return { anchor, count, state: 'beyond' };
      return { anchor, count, state: head === true && root === true ? 'kept' : 'unproven' };
    });
  }
}

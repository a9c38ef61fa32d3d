// What a log has promised to the world outside, kept beside it while it crashes, and held against
// it afterwards: receipts, checkpoints, and that it makes nothing up.

import assert from 'node:assert/strict';
import {
  decodeHex,
  EMPTY_ROOT,
  encodeHex,
  equalBytes,
  hashLeaf,
  verifyInclusion,
} from '@countersign/verifier';
import { proveFromTiles, type TileFetcher } from '../tiles/read-tiles.ts';
import { GrowingTree } from '../tree/growing-tree.ts';
import { numberOf } from './entries.ts';

export class Promises {
  /** Entries that were handed to the log, by their number. */
  readonly #sent = new Map<number, Uint8Array>();
  /** Entries whose receipts were handed out, by index. */
  readonly #acknowledged = new Map<number, Uint8Array>();
  /** Root that was shown for a size. */
  readonly #shown = new Map<number, string>();
  #largestShown = 0;

  get acknowledgedCount(): number {
    return this.#acknowledged.size;
  }

  get largestShown(): number {
    return this.#largestShown;
  }

  send(entry: Uint8Array): void {
    this.#sent.set(numberOf(entry), entry);
  }

  /** A receipt for this index came out of the log. */
  acknowledge(index: number, entry: Uint8Array): void {
    assert.ok(!this.#acknowledged.has(index), `index ${index} was used twice`);
    this.#acknowledged.set(index, entry);
  }

  /** A checkpoint was to be read by anybody. */
  show(size: number, root: Uint8Array): void {
    const text = encodeHex(root);
    const before = this.#shown.get(size);
    assert.ok(before === undefined || before === text, `two roots were shown for size ${size}`);
    this.#shown.set(size, text);
    this.#largestShown = Math.max(this.#largestShown, size);
  }

  /** Everything promised is in the log, and nothing that was never sent. */
  checkEntries(entries: readonly Uint8Array[]): void {
    for (const [index, entry] of this.#acknowledged) {
      const found = entries[index];
      assert.ok(found, `the acknowledged entry ${index} is gone`);
      assert.ok(equalBytes(found, entry), `entry ${index} is another than was acknowledged`);
    }
    const seen = new Set<number>();
    for (const [index, entry] of entries.entries()) {
      const number = numberOf(entry);
      const sent = this.#sent.get(number);
      assert.ok(sent && equalBytes(sent, entry), `entry ${index} was never sent`);
      assert.ok(!seen.has(number), `entry ${index} was logged twice`);
      seen.add(number);
    }
    this.#checkRoots(entries);
  }

  /** Readers can prove the first, the last and one other entry in every tree shown since `size`. */
  async checkTiles(
    fetch: TileFetcher,
    entries: readonly Uint8Array[],
    since: number,
    pick: (below: number) => number,
  ): Promise<void> {
    for (const [size, text] of this.#shown) {
      if (size < since || size === 0) continue;
      const root = decodeHex(text) ?? assert.fail();
      for (const index of new Set([0, pick(size), size - 1])) {
        const proof = await proveFromTiles(fetch, index, size);
        const leafHash = hashLeaf(entries[index] ?? assert.fail(`entry ${index} is gone`));
        assert.ok(
          verifyInclusion(leafHash, index, size, proof, root),
          `entry ${index} is not proved by the tiles of size ${size}`,
        );
      }
    }
  }

  #checkRoots(entries: readonly Uint8Array[]): void {
    const tree = new GrowingTree(() => undefined);
    const roots = new Map([[0, encodeHex(EMPTY_ROOT)]]);
    for (const entry of entries) {
      tree.push(0, hashLeaf(entry));
      if (this.#shown.has(tree.size)) roots.set(tree.size, encodeHex(tree.root()));
    }
    for (const [size, root] of this.#shown) {
      assert.equal(roots.get(size), root, `the root that was shown for size ${size}`);
    }
  }
}

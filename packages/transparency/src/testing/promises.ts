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

/** The entry at an index, from wherever it is to be read. */
export type EntryReader = (index: number) => Promise<Uint8Array>;

export class Promises {
  /** Entries that were handed to the log, by their number. */
  readonly #sent = new Map<number, Uint8Array>();
  /** Entries whose receipts were handed out, by index. */
  readonly #acknowledged = new Map<number, Uint8Array>();
  /** Root that was shown for a size. */
  readonly #shown = new Map<number, string>();
  /** What the log held when it was last looked at, which it may only add to. */
  readonly #held: Uint8Array[] = [];
  readonly #heldNumbers = new Set<number>();
  /** Roots of trees that the entries held have gone through. */
  readonly #roots = new Map([[0, encodeHex(EMPTY_ROOT)]]);
  #tree = new GrowingTree(() => undefined);

  /** Entries that the log held when it was last looked at. */
  get heldCount(): number {
    return this.#held.length;
  }

  get sizesShown(): number[] {
    return [...this.#shown.keys()];
  }

  send(entry: Uint8Array): void {
    this.#sent.set(numberOf(entry), entry);
  }

  /** A receipt for this index came out of the log. */
  acknowledge(index: number, entry: Uint8Array): void {
    assert.ok(!this.#acknowledged.has(index), `index ${index} was used twice`);
    assert.ok(index >= this.#held.length, `index ${index} was in the log before`);
    this.#acknowledged.set(index, entry);
  }

  /** A checkpoint was to be read by anybody. */
  show(size: number, root: Uint8Array): void {
    const text = encodeHex(root);
    const before = this.#shown.get(size);
    assert.ok(before === undefined || before === text, `two roots were shown for size ${size}`);
    this.#shown.set(size, text);
  }

  /**
   * Everything promised is in the log, and nothing that was never sent.
   * @param entries those from index `from` to the end of the log
   */
  checkEntries(entries: readonly Uint8Array[], from = 0): void {
    const end = from + entries.length;
    assert.ok(end >= this.#held.length, `the log had ${this.#held.length} entries, now ${end}`);
    for (const [at, entry] of entries.entries()) {
      const held = this.#held[from + at];
      if (held === undefined) this.#hold(from + at, entry);
      else assert.ok(equalBytes(held, entry), `entry ${from + at} has changed`);
    }
    for (const [index, entry] of this.#acknowledged) {
      const found = this.#held[index];
      assert.ok(found, `the acknowledged entry ${index} is gone`);
      assert.ok(equalBytes(found, entry), `entry ${index} is another than was acknowledged`);
    }
    for (const [size, root] of this.#shown) {
      assert.equal(this.#rootOf(size), root, `the root that was shown for size ${size}`);
    }
  }

  /** Readers can prove the last entry and some other one in the trees shown of these sizes. */
  async checkTiles(
    fetch: TileFetcher,
    readEntry: EntryReader,
    sizes: readonly number[],
    pick: (below: number) => number,
  ): Promise<void> {
    for (const size of sizes) {
      if (size === 0) continue;
      const root = decodeHex(this.#shown.get(size) ?? '') ?? assert.fail();
      for (const index of new Set([pick(size), size - 1])) {
        const proof = await proveFromTiles(fetch, index, size);
        assert.ok(
          verifyInclusion(hashLeaf(await readEntry(index)), index, size, proof, root),
          `entry ${index} is not proved by the tiles of size ${size}`,
        );
      }
    }
  }

  #hold(index: number, entry: Uint8Array): void {
    const number = numberOf(entry);
    const sent = this.#sent.get(number);
    assert.ok(sent && equalBytes(sent, entry), `entry ${index} was never sent`);
    assert.ok(!this.#heldNumbers.has(number), `entry ${index} was logged twice`);
    this.#heldNumbers.add(number);
    this.#held.push(entry);
  }

  #rootOf(size: number): string | undefined {
    const known = this.#roots.get(size);
    if (known !== undefined || size > this.#held.length) return known;
    if (this.#tree.size > size) this.#tree = new GrowingTree(() => undefined);
    while (this.#tree.size < size) {
      this.#tree.push(0, hashLeaf(this.#held[this.#tree.size] ?? assert.fail()));
      const grown = this.#tree.size;
      if (this.#shown.has(grown)) this.#roots.set(grown, encodeHex(this.#tree.root()));
    }
    return this.#roots.get(size);
  }
}

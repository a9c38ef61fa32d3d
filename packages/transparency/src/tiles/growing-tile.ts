// A tile or bundle that is being filled, in the very bytes that will be published: nothing is
// gathered a second time when it is, and a thousand tiles are a thousand buffers, not objects by
// the hundred thousand for the garbage collector to look through.

import { HASH_BYTES } from '@countersign/verifier';
import { TILE_WIDTH } from './tile-path.ts';

const LENGTH_BYTES = 2;
/** A bundle of untagged entries of tokens; longer ones make it grow. */
const USUAL_BUNDLE_BYTES = TILE_WIDTH * (LENGTH_BYTES + 44);

/** What is written is never changed, so views of it stay true while the tile grows on. */
export interface GrowingTile {
  readonly width: number;
  /** The published form of the first `width` items. */
  bytes(width: number): Buffer;
}

export class GrowingHashTile implements GrowingTile {
  readonly #bytes = Buffer.allocUnsafeSlow(TILE_WIDTH * HASH_BYTES);
  width = 0;

  /** Takes `count` hashes, which the tile has room for. */
  add(hashes: Uint8Array, from: number, count: number): void {
    const piece = hashes.subarray(from * HASH_BYTES, (from + count) * HASH_BYTES);
    this.#bytes.set(piece, this.width * HASH_BYTES);
    this.width += count;
  }

  bytes(width: number): Buffer {
    return this.#bytes.subarray(0, width * HASH_BYTES);
  }
}

export class GrowingBundle implements GrowingTile {
  #bytes = Buffer.allocUnsafeSlow(USUAL_BUNDLE_BYTES);
  readonly #ends = new Uint32Array(TILE_WIDTH);
  width = 0;

  add(entry: Uint8Array): void {
    const start = this.#startOf(this.width);
    const end = start + LENGTH_BYTES + entry.length;
    if (end > this.#bytes.length) this.#grow(end);
    this.#bytes.writeUInt16BE(entry.length, start);
    this.#bytes.set(entry, start + LENGTH_BYTES);
    this.#ends[this.width] = end;
    this.width += 1;
  }

  entry(position: number): Uint8Array {
    return this.#bytes.subarray(this.#startOf(position) + LENGTH_BYTES, this.#ends[position]);
  }

  bytes(width: number): Buffer {
    return this.#bytes.subarray(0, this.#startOf(width));
  }

  #startOf(position: number): number {
    return position === 0 ? 0 : (this.#ends[position - 1] as number);
  }

  #grow(atLeast: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, atLeast));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

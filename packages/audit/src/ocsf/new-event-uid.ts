// UUID version 7 (RFC 9562 §5.7): unique, and nearly in time order, so that the index of a growing
// table is written at one end instead of everywhere. They are names, not secrets, so the random
// bytes of many may be drawn at once.

import type { Random } from '@countersign/vocabulary';

const RANDOM_BYTES = 10;
const DRAWN_AT_ONCE = 128;

export class EventUids {
  readonly #random: Random;
  #pool: Uint8Array = new Uint8Array(0);
  #used = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(timeMs: number): string {
    if (this.#used === this.#pool.length) {
      this.#pool = this.#random.bytes(RANDOM_BYTES * DRAWN_AT_ONCE);
      this.#used = 0;
    }
    const bytes = Buffer.allocUnsafe(16);
    bytes.writeUIntBE(timeMs, 0, 6);
    bytes.set(this.#pool.subarray(this.#used, this.#used + RANDOM_BYTES), 6);
    this.#used += RANDOM_BYTES;
    bytes[6] = (bytes[6]! & 0x0f) | 0x70;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const hex = bytes.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
}

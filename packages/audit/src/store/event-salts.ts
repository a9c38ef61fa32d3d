// Salts of events, drawn many at once. A salt is a secret of its event: who does not hold it cannot try
// guesses at an erased event against the leaf that stays. What was handed out is wiped from the pool.

import type { Random } from '@countersign/vocabulary';

/** Bytes of the salt that goes into the leaf of an event. */
export const SALT_BYTES = 16;
const DRAWN_AT_ONCE = 256;

export class EventSalts {
  readonly #random: Random;
  #pool: Uint8Array = new Uint8Array(0);
  #used = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): Uint8Array {
    if (this.#used === this.#pool.length) {
      this.#pool = this.#random.bytes(SALT_BYTES * DRAWN_AT_ONCE);
      this.#used = 0;
    }
    const end = this.#used + SALT_BYTES;
    // Not `slice`: a Buffer would hand out a view, and the wiping would reach it.
    const salt = Uint8Array.from(this.#pool.subarray(this.#used, end));
    this.#pool.fill(0, this.#used, end);
    this.#used = end;
    return salt;
  }
}

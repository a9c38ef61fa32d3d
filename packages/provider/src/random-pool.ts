// Random bytes drawn in one go and handed out in small pieces: every token needs some, and each
// draw is a call into the operating system. Pieces are copies; what was handed out is wiped.

import type { Random } from '@countersign/vocabulary';

const POOL_BYTES = 4096;

export function poolRandom(random: Random): Random {
  let pool: Uint8Array = new Uint8Array(0);
  let next = 0;
  return {
    bytes(count) {
      if (count > POOL_BYTES) return random.bytes(count);
      if (next + count > pool.length) {
        pool = random.bytes(POOL_BYTES);
        next = 0;
      }
      // Not `slice`: a Buffer would hand out a view, and the wiping would reach it.
      const piece = Uint8Array.from(pool.subarray(next, next + count));
      pool.fill(0, next, next + count);
      next += count;
      return piece;
    },
  };
}

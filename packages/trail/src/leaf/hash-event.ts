// An event as a leaf: SHA-256(0x00 ‖ salt ‖ text). The salt goes with the event when it is erased, and
// then nobody can try guesses at what was erased against the leaf that stays.

import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';

export const SALT_BYTES = 16;
export const TRAIL_HASH_BYTES = 32;

const PREFIX_BYTES = 1 + SALT_BYTES;
const FIRST_SCRATCH_BYTES = 16_384;
/** Most bytes that UTF-16 code units can become in UTF-8, each. */
const MOST_BYTES_A_UNIT = 3;

// Used up before the function returns; fresh memory would cost more than the hash.
let scratch = Buffer.alloc(FIRST_SCRATCH_BYTES);

/**
 * The leaf of an event, 32 bytes.
 * @param salt the event's own 16 bytes
 * @param event its stored text, or the UTF-8 bytes of it, exactly as stored
 * @throws RangeError for a salt of another size
 */
export function hashEvent(salt: Uint8Array, event: string | Uint8Array): Buffer {
  if (salt.length !== SALT_BYTES) throw new RangeError('A salt has 16 bytes.');
  const most = PREFIX_BYTES + event.length * (typeof event === 'string' ? MOST_BYTES_A_UNIT : 1);
  if (scratch.length < most) scratch = Buffer.alloc(2 * most);
  scratch.set(salt, 1);
  if (typeof event === 'string') {
    const size = PREFIX_BYTES + scratch.write(event, PREFIX_BYTES, 'utf8');
    return digest(scratch.subarray(0, size));
  }
  scratch.set(event, PREFIX_BYTES);
  return digest(scratch.subarray(0, PREFIX_BYTES + event.length));
}

/** By way of Latin-1 text: Node's own buffer form costs three times as much. */
export function digest(input: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', input, 'latin1'), 'latin1');
}

// HMAC with SHA-256 (RFC 2104), because WebCrypto's is asynchronous and the tags of leaves are
// looked at between checks that are not. Property-tested against node:crypto on both platforms.

import { sha256 } from '#platform';

const BLOCK_BYTES = 64;
const INNER = 0x36;
const OUTER = 0x5c;
/** Holds any message that is tagged here; a longer one gets a buffer of its own. */
const SCRATCH_BYTES = 1024;

// Fresh arrays cost more than the hashing. What was in here is written over by the next message.
const scratch = new Uint8Array(SCRATCH_BYTES);

/** 32 bytes. `parts` are authenticated as one message, so whoever calls must delimit them. */
export function hmacSha256(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const short = key.length > BLOCK_BYTES ? sha256(key) : key;
  let size = BLOCK_BYTES;
  for (const part of parts) size += part.length;
  const buffer = size <= SCRATCH_BYTES ? scratch : new Uint8Array(size);
  padKey(buffer, short, INNER);
  let offset = BLOCK_BYTES;
  for (const part of parts) {
    buffer.set(part, offset);
    offset += part.length;
  }
  const inner = sha256(buffer.subarray(0, size));
  padKey(scratch, short, OUTER);
  scratch.set(inner, BLOCK_BYTES);
  const mac = sha256(scratch.subarray(0, BLOCK_BYTES + inner.length));
  // No key is left behind for whoever reads this memory later.
  scratch.fill(0, 0, BLOCK_BYTES);
  return mac;
}

function padKey(buffer: Uint8Array, key: Uint8Array, pad: number): void {
  buffer.fill(pad, 0, BLOCK_BYTES);
  for (let at = 0; at < key.length; at += 1) buffer[at] = (key[at] ?? 0) ^ pad;
}

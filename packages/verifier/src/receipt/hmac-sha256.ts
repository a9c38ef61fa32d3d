// HMAC with SHA-256 (RFC 2104), because WebCrypto's is asynchronous and the tags of leaves are
// looked at between checks that are not. Property-tested against node:crypto on both platforms.

import { sha256 } from '#platform';
import { concatBytes } from '../bytes/join-bytes.ts';

const BLOCK_BYTES = 64;
const INNER = 0x36;
const OUTER = 0x5c;

/** 32 bytes. `parts` are authenticated as one message, so whoever calls must delimit them. */
export function hmacSha256(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const short = key.length > BLOCK_BYTES ? sha256(key) : key;
  const inner = sha256(concatBytes(padKey(short, INNER), ...parts));
  return sha256(concatBytes(padKey(short, OUTER), inner));
}

function padKey(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES).fill(pad);
  for (let at = 0; at < key.length; at += 1) block[at] = (key[at] ?? 0) ^ pad;
  return block;
}

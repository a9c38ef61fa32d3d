// The chain of a tenant: each head holds all events before it, so one head of 32 bytes fixes a whole
// history. Numbers begin at 1 and have no gaps.

import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import { digest, TRAIL_HASH_BYTES } from './hash-event.ts';

/** Whose chain the events of the installation itself are in. No tenant can have this name. */
export const INSTALLATION_TENANT = '_installation';

const HEAD_PREFIX = 0x02;

const input = Buffer.alloc(1 + 2 * TRAIL_HASH_BYTES);
input[0] = HEAD_PREFIX;

/** The head of a chain without events: names whose it is, so that no two tenants share a history. */
export function firstHead(instance: string, tenant: string): Buffer {
  return digest(Buffer.from(`countersign/trail/v1\n${instance}\n${tenant}`, 'utf8'));
}

/** head_n = SHA-256(0x02 ‖ head_{n-1} ‖ leaf_n). @throws RangeError unless both have 32 bytes */
export function nextHead(head: Uint8Array, leaf: Uint8Array): Buffer {
  if (head.length !== TRAIL_HASH_BYTES || leaf.length !== TRAIL_HASH_BYTES) {
    throw new RangeError('Heads and leaves have 32 bytes.');
  }
  input.set(head, 1);
  input.set(leaf, 1 + TRAIL_HASH_BYTES);
  return digest(input);
}

/**
 * The head after some more events.
 * @param leaves 32 bytes each, one after the other
 */
export function extendHead(head: Uint8Array, leaves: Uint8Array): Buffer {
  input.set(head, 1);
  for (let at = 0; at < leaves.length; at += TRAIL_HASH_BYTES) {
    input.set(leaves.subarray(at, at + TRAIL_HASH_BYTES), 1 + TRAIL_HASH_BYTES);
    input.write(hash('sha256', input, 'latin1'), 1, 'latin1');
  }
  return Buffer.from(input.subarray(1, 1 + TRAIL_HASH_BYTES));
}

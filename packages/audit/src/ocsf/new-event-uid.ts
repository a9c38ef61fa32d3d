// UUID version 7 (RFC 9562 §5.7): unique, and nearly in time order, so that the index of a growing
// table is written at one end instead of everywhere.

import type { Random } from '@countersign/vocabulary';

export function newEventUid(timeMs: number, random: Random): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(timeMs, 0, 6);
  bytes.set(random.bytes(10), 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

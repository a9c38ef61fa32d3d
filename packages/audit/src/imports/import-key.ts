// What makes an imported record known when it comes again, for ever: also after the event has left the
// hot table. 16 bytes: the second it happened, because logs come in the order of time and an index that
// grows at one end costs a quarter of one that grows everywhere; and 80 bits of a hash. The event's uid
// is made of the same bytes (UUID version 8, RFC 9562 §5.8).

import { hash } from 'node:crypto';

const SECOND_MS = 1000;

/**
 * @param timeMs only its second counts: exports of one record differ in how finely they tell the time
 */
export function importKey(source: string, tenant: string, key: string, timeMs: number): Buffer {
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeUIntBE(timeMs - (timeMs % SECOND_MS), 0, 6);
  hash('sha256', `${source}\0${tenant}\0${key}`, 'buffer').copy(bytes, 6, 0, 10);
  return bytes;
}

export function uidOfImport(key: Buffer): string {
  const bytes = Buffer.from(key);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

// The revocation bitmap: one bit per log index (bit order of the IETF Token Status List §4.1),
// zlib-compressed. Inflation is bounded, because a few bytes can inflate to gigabytes.

import { decodeBase64url } from '../bytes/base64.ts';
import { FeedRefusal } from './feed-refusal.ts';

/** Which log indexes are revoked. Indexes outside the window are not. */
export interface Revocations {
  readonly firstIndex: number;
  readonly bitmap: Uint8Array;
  /** Every index is: there are more than a list can name. */
  readonly all?: true;
}

export const ALL_REVOKED: Revocations = { firstIndex: 0, bitmap: new Uint8Array(0), all: true };

export function isRevoked({ firstIndex, bitmap, all }: Revocations, index: number): boolean {
  if (all === true) return true;
  // Arithmetic, not shifts: indexes go beyond 32 bits.
  const bit = index - firstIndex;
  if (!Number.isSafeInteger(index) || bit < 0) return false;
  const byte = bitmap[Math.floor(bit / 8)] ?? 0;
  return ((byte >> (bit % 8)) & 1) === 1;
}

/** @throws FeedRefusal `feed_malformed` */
export async function readRevocations(
  firstIndex: number,
  list: string,
  maxBytes: number,
): Promise<Revocations> {
  const compressed = decodeBase64url(list);
  if (compressed === undefined) {
    throw new FeedRefusal('feed_malformed', 'The revocation list is not canonical base64url.');
  }
  return { firstIndex, bitmap: await inflateBounded(compressed, maxBytes) };
}

async function inflateBounded(
  compressed: Uint8Array<ArrayBuffer>,
  maxBytes: number,
): Promise<Uint8Array> {
  const inflater = new DecompressionStream('deflate');
  const writer = inflater.writable.getWriter();
  // Both ends report the same fault; it is taken from the reading end.
  const written = writer
    .write(compressed)
    .then(() => writer.close())
    .catch(() => undefined);
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = inflater.readable.getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      length += step.value.length;
      if (length > maxBytes) break;
      chunks.push(step.value);
    }
  } catch (cause) {
    throw new FeedRefusal('feed_malformed', 'The revocation list is not zlib data.', cause);
  } finally {
    // A stream that failed is told of above, and has nothing left to cancel.
    await reader.cancel().catch(() => undefined);
  }
  if (length > maxBytes) {
    throw new FeedRefusal('feed_malformed', `The revocation list is over ${maxBytes} bytes.`);
  }
  await written;
  const bitmap = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bitmap.set(chunk, offset);
    offset += chunk.length;
  }
  return bitmap;
}

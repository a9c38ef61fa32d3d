// The revoked tokens that have not expired, as a bitmap over the log index: exact, one bit a token.
// Bit order of Token Status List: bit i is in byte i/8, least significant first.

import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf, sourceOf } from '../store/numbered-places.ts';
import { EXPIRY_SLACK_SECONDS } from './revoke-tokens.ts';

export interface RevocationBitmap {
  /** The log of these indexes; undefined for the first of a house that named none. */
  origin?: string;
  /** Log index of bit 0; a multiple of 8. */
  firstIndex: number;
  bitmap: Uint8Array;
  /** Revoked tokens. */
  count: number;
  /** They are too far apart for a list: no token of this log counts until they have expired. */
  all?: true;
}

/** All bitmaps of a feed together, as verifiers allow them: 268 million log indexes. */
const MOST_BITMAP_BYTES = 32 * 1024 * 1024;

/** One for each log that this house ever had, the first log first, empty ones included. */
export async function buildRevocationBitmaps(room: AuditRoom): Promise<RevocationBitmap[]> {
  const nowSeconds = Math.floor(room.clock.nowMs() / 1000);
  const rows = await room.store.read
    .selectFrom('revoked_token')
    .select('log_index')
    .where('expires_at_seconds', '>', nowSeconds - EXPIRY_SLACK_SECONDS)
    .execute();
  const places = Map.groupBy(
    rows.map((row) => row.log_index),
    sourceOf,
  );
  const { origins } = room.logs;
  const indexes = Array.from({ length: Math.max(1, origins.length) }, (_, number) =>
    (places.get(number) ?? []).map(indexOf),
  );
  return packBitmaps(indexes).map((packed, number) => {
    const origin = origins[number];
    return origin === undefined ? packed : { origin, ...packed };
  });
}

/**
 * The revoked indexes of each log. A list is never cut: the widest, which have no room beside the
 * others, become `all`, so that a log that spreads its indexes costs nobody but itself.
 */
export function packBitmaps(
  logs: readonly (readonly number[])[],
  mostBytes = MOST_BITMAP_BYTES,
): RevocationBitmap[] {
  const packed = logs.map<RevocationBitmap>((indexes) => ({
    ...{ firstIndex: 0, bitmap: new Uint8Array(0) },
    count: new Set(indexes).size,
  }));
  const spans = logs.map((indexes, log) => ({ log, indexes, ...spanOf(indexes) }));
  let leftBytes = mostBytes;
  for (const { log, indexes, firstIndex, bytes } of spans.sort((a, b) => a.bytes - b.bytes)) {
    const list = packed[log]!;
    if (bytes > leftBytes) {
      list.all = true;
      continue;
    }
    leftBytes -= bytes;
    Object.assign(list, { firstIndex, bitmap: setBits(indexes, firstIndex, bytes) });
  }
  return packed;
}

function spanOf(indexes: readonly number[]): { firstIndex: number; bytes: number } {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = -1;
  for (const index of indexes) {
    lowest = Math.min(lowest, index);
    highest = Math.max(highest, index);
  }
  if (highest < 0) return { firstIndex: 0, bytes: 0 };
  const firstIndex = lowest - (lowest % 8);
  return { firstIndex, bytes: Math.floor((highest - firstIndex) / 8) + 1 };
}

function setBits(indexes: readonly number[], firstIndex: number, bytes: number): Uint8Array {
  const bitmap = new Uint8Array(bytes);
  for (const index of indexes) {
    const bit = index - firstIndex;
    bitmap[Math.floor(bit / 8)]! |= 1 << (bit % 8);
  }
  return bitmap;
}

// The revoked tokens that have not expired, as a bitmap over the log index: exact, one bit a token.
// Bit order of Token Status List: bit i is in byte i/8, least significant first.

import { auditError } from '../audit-error.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf, logNumberOf } from '../store/log-places.ts';
import { EXPIRY_SLACK_SECONDS } from './revoke-tokens.ts';

export interface RevocationBitmap {
  /** The log of these indexes; undefined for the first of a house that named none. */
  origin?: string;
  /** Log index of bit 0; a multiple of 8. */
  firstIndex: number;
  bitmap: Uint8Array;
  /** Bits that are set. */
  count: number;
}

/** Widest bitmap: 268 million log indexes, a day and a half at 2,000 tokens a second. */
const LARGEST_BITMAP_BYTES = 32 * 1024 * 1024;

/**
 * One for each log that this house ever had, the first log first, empty ones included.
 * @throws CodedError `revocation_range_too_large`: the list cannot be told and must not be cut.
 */
export async function buildRevocationBitmaps(room: AuditRoom): Promise<RevocationBitmap[]> {
  const nowSeconds = Math.floor(room.clock.nowMs() / 1000);
  const rows = await room.store.read
    .selectFrom('revoked_token')
    .select('log_index')
    .where('expires_at_seconds', '>', nowSeconds - EXPIRY_SLACK_SECONDS)
    .execute();
  const places = Map.groupBy(
    rows.map((row) => row.log_index),
    logNumberOf,
  );
  const { origins } = room.logs;
  return Array.from({ length: Math.max(1, origins.length) }, (_, number) => {
    const packed = packBitmap((places.get(number) ?? []).map(indexOf));
    const origin = origins[number];
    return origin === undefined ? packed : { origin, ...packed };
  });
}

/** @throws CodedError `revocation_range_too_large` */
export function packBitmap(indexes: readonly number[]): RevocationBitmap {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = -1;
  for (const index of indexes) {
    lowest = Math.min(lowest, index);
    highest = Math.max(highest, index);
  }
  if (highest < 0) return { firstIndex: 0, bitmap: new Uint8Array(0), count: 0 };
  const firstIndex = lowest - (lowest % 8);
  const size = Math.floor((highest - firstIndex) / 8) + 1;
  if (size > LARGEST_BITMAP_BYTES) {
    throw auditError(
      'revocation_range_too_large',
      'Revoked tokens are too far apart in the log for one list; shorten token lifetimes.',
    );
  }
  const bitmap = new Uint8Array(size);
  for (const index of indexes) {
    const bit = index - firstIndex;
    bitmap[Math.floor(bit / 8)]! |= 1 << (bit % 8);
  }
  return { firstIndex, bitmap, count: new Set(indexes).size };
}

// Ledger rows for a batch of uses, by token hash, and for evidence by `jti`, in few queries.

import type { Selectable } from 'kysely';
import { hexOf } from '../hex-bytes.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import type { IssuedTokenRow } from '../tables.ts';

const MOST_PER_QUERY = 250;

export type IssuedByHash = ReadonlyMap<string, Selectable<IssuedTokenRow>>;

/** Keyed by lower-case hex of the hash in `column`. */
export async function findIssuedByHash(
  room: AuditRoom,
  column: 'token_hash' | 'jti_hash',
  hashes: readonly Uint8Array[],
): Promise<IssuedByHash> {
  const found = new Map<string, Selectable<IssuedTokenRow>>();
  for (let start = 0; start < hashes.length; start += MOST_PER_QUERY) {
    const rows = await room.store.read
      .selectFrom('issued_token')
      .selectAll()
      .where(column, 'in', padded(hashes.slice(start, start + MOST_PER_QUERY)))
      .execute();
    for (const row of rows) found.set(hexOf(row[column]), row);
  }
  return found;
}

/** Repeats the first value up to the next round size, so that few different statements exist. */
function padded(hashes: Uint8Array[]): Uint8Array[] {
  const [first] = hashes;
  const size = [1, 10, 50, MOST_PER_QUERY].find((round) => round >= hashes.length);
  if (first === undefined || size === undefined) return hashes;
  return [...hashes, ...Array.from({ length: size - hashes.length }, () => first)];
}

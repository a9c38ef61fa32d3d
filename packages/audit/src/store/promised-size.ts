// How far a log must reach for everything that left this house to be in it. A token leaves after its
// row is durable, and a key's entry after it was settled, so the highest of both is the last promise.

import type { AuditRoom } from './audit-room.ts';
import { indexOf, PLACES_EACH } from './numbered-places.ts';

/** Builds that were abandoned have a place, and no token: nobody waits for their leaves. */
export async function readPromisedSize(
  room: AuditRoom,
  logOrigin: string,
): Promise<number | undefined> {
  const first = room.logs.placeOf({ logIndex: 0, logOrigin });
  if (first === undefined) return undefined;
  const rows = await Promise.all(
    (['issued_token', 'key_event'] as const).map((table) =>
      room.store.read
        .selectFrom(table)
        .select(({ fn }) => fn.max<number | null>('log_index').as('highest'))
        .where('log_index', '>=', first)
        .where('log_index', '<', first + PLACES_EACH)
        .executeTakeFirstOrThrow(),
    ),
  );
  const places = rows.flatMap(({ highest }) => highest ?? []);
  return places.length === 0 ? undefined : indexOf(Math.max(...places)) + 1;
}

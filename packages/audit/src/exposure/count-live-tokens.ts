// Tokens that still need a key in its JWKS (C-04): one look at the end of an index.

import type { AuditRoom } from '../store/audit-room.ts';

/** Tokens of the key that expire after that second; those revoked before their end count too. */
export async function countLiveTokens(
  room: AuditRoom,
  kid: string,
  nowSeconds: number,
): Promise<number> {
  const { live } = await room.store.read
    .selectFrom('issued_token')
    .select(({ fn }) => fn.countAll<number>().as('live'))
    .where('kid', '=', kid)
    .where('expires_at_seconds', '>', nowSeconds)
    .executeTakeFirstOrThrow();
  return Number(live);
}

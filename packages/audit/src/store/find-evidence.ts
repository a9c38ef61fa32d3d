// The forged token behind a finding. It is the only token this house ever stores: the claim that a
// key was stolen must be something that others can check (C-49).

import { hashBytes } from '../hex-bytes.ts';
import type { AuditRoom } from './audit-room.ts';

export interface Evidence {
  tokenHash: string;
  /** Compact JWS. Good at verifiers that ask for no receipt: treat it as a secret. */
  token: string;
  reporterId: string;
  receivedMs: number;
}

/** Only evidence whose signature we checked. @throws CodedError `issued_malformed` */
export async function findEvidence(
  room: AuditRoom,
  tokenHash: string,
): Promise<Evidence | undefined> {
  const row = await room.store.read
    .selectFrom('evidence')
    .selectAll()
    .where('token_hash', '=', hashBytes(tokenHash))
    .where('state', '=', 'proven')
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { tokenHash, token: row.token, reporterId: row.reporter_id, receivedMs: row.received_ms };
}

// The keys that verifiers are told to trust no longer.

import type { AuditRoom } from '../store/audit-room.ts';

export interface QuarantinedKey {
  issuer: string;
  kid: string;
  sinceMs: number;
  reason: string;
}

export async function listQuarantined(room: AuditRoom): Promise<QuarantinedKey[]> {
  const rows = await room.store.read
    .selectFrom('quarantined_key')
    .selectAll()
    .orderBy('since_ms')
    .orderBy('kid')
    .execute();
  return rows.map((row) => ({
    issuer: row.issuer,
    kid: row.kid,
    sinceMs: row.since_ms,
    reason: row.reason,
  }));
}

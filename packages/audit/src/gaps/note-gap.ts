// Notes a gap in the store, beside what it is about: it is told by the next sweep, in one event with
// whatever else this source misses for this reason until then.

import { type CompiledQuery, sql } from 'kysely';
import type { AuditRoom } from '../store/audit-room.ts';
import type { Writing } from '../store/ready-insert.ts';
import type { Gap } from './gap.ts';

const LONGEST_NAME = 128;

/** Resolves once it is durable; with `tx`, once that commits. @throws CodedError StorageCode */
export async function noteGaps(room: AuditRoom, gaps: readonly Gap[], tx?: Writing): Promise<void> {
  const queries = gaps.map((gap) => noteGap(room, gap));
  if (queries.length === 0) return;
  if (tx === undefined) await room.store.write(queries);
  else for (const query of queries) await tx.executeQuery(query);
}

export function noteGap(room: AuditRoom, gap: Gap): CompiledQuery<unknown> {
  const nowMs = room.clock.nowMs();
  const { tenant = '', source, reason, count, mostMs = 0 } = gap;
  const lastMs = gap.lastMs ?? nowMs;
  const firstMs = gap.firstMs ?? lastMs;
  const name = source.name?.slice(0, LONGEST_NAME) ?? null;
  return sql`INSERT INTO gap (tenant, source_kind, source_id, reason, source_name, count, noticed,
      first_ms, last_ms, most_ms, since_ms, told_ms)
    VALUES (${tenant}, ${source.kind}, ${source.id}, ${reason}, ${name}, ${count}, 1,
      ${firstMs}, ${lastMs}, ${mostMs}, ${nowMs}, 0)
    ON CONFLICT (tenant, source_kind, source_id, reason) DO UPDATE SET
      source_name = coalesce(excluded.source_name, source_name),
      count = count + excluded.count, noticed = noticed + 1,
      first_ms = CASE WHEN noticed = 0 THEN excluded.first_ms
        ELSE min(first_ms, excluded.first_ms) END,
      last_ms = max(last_ms, excluded.last_ms),
      most_ms = max(most_ms, excluded.most_ms),
      since_ms = CASE WHEN noticed = 0 THEN excluded.since_ms ELSE since_ms END`.compile(
    room.store.read,
  );
}

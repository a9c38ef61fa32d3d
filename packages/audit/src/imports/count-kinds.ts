// What kinds of records came of each source, and which of them no map knows: the list a person looks
// at to see what an import did not understand. Names are a stranger's, so their number is bounded.

import { type Kysely, sql } from 'kysely';
import type { AuditRoom } from '../store/audit-room.ts';
import type { AuditTables } from '../tables.ts';
import type { ImportedRow } from './describe-imported.ts';

/** Kinds of one tenant; what is more is counted under `…`. */
const MOST_KINDS = 5000;
const OTHERS = '…';

interface Kind {
  source: string;
  operation: string;
  mapped: number;
  count: number;
  firstMs: number;
  lastMs: number;
  lastUid: string;
}

export async function countKinds(
  room: AuditRoom,
  tx: Kysely<AuditTables>,
  tenant: string,
  fresh: readonly ImportedRow[],
): Promise<void> {
  const kinds = sumUp(fresh);
  if (kinds.length === 0) return;
  const roomLeft = await isRoomLeft(tx, tenant);
  for (const { source, operation, mapped, count, firstMs, lastMs, lastUid } of kinds) {
    const full = !roomLeft && !(await isThere(tx, tenant, source, mapped, operation));
    await tx.executeQuery(
      sql`INSERT INTO import_kind
          (tenant, source, operation, mapped, count, first_ms, last_ms, last_uid)
        VALUES (${tenant}, ${source}, ${full ? OTHERS : operation}, ${mapped}, ${count},
          ${firstMs}, ${lastMs}, ${lastUid})
        ON CONFLICT (tenant, source, mapped, operation) DO UPDATE SET
          count = count + excluded.count, first_ms = min(first_ms, excluded.first_ms),
          last_ms = max(last_ms, excluded.last_ms), last_uid = excluded.last_uid`.compile(
        room.store.read,
      ),
    );
  }
}

function sumUp(fresh: readonly ImportedRow[]): Kind[] {
  const kinds = new Map<string, Kind>();
  for (const { row, mapped } of fresh) {
    const key = `${mapped ? 1 : 0} ${row.name}`;
    const kind = kinds.get(key);
    if (kind === undefined) {
      const source = row.source ?? '';
      kinds.set(key, {
        source,
        operation: row.name.slice(source.length + 1),
        mapped: mapped ? 1 : 0,
        count: 1,
        firstMs: row.time_ms,
        lastMs: row.time_ms,
        lastUid: row.uid,
      });
      continue;
    }
    kind.count += 1;
    kind.firstMs = Math.min(kind.firstMs, row.time_ms);
    kind.lastMs = Math.max(kind.lastMs, row.time_ms);
    kind.lastUid = row.uid;
  }
  return [...kinds.values()];
}

async function isRoomLeft(tx: Kysely<AuditTables>, tenant: string): Promise<boolean> {
  const row = await tx
    .selectFrom('import_kind')
    .select(sql<number>`count(*)`.as('kinds'))
    .where('tenant', '=', tenant)
    .executeTakeFirstOrThrow();
  // A batch may bring a thousand: the bound is one of order, not of number.
  return row.kinds < MOST_KINDS;
}

async function isThere(
  tx: Kysely<AuditTables>,
  tenant: string,
  source: string,
  mapped: number,
  operation: string,
): Promise<boolean> {
  const row = await tx
    .selectFrom('import_kind')
    .select('count')
    .where('tenant', '=', tenant)
    .where('source', '=', source)
    .where('mapped', '=', mapped)
    .where('operation', '=', operation)
    .executeTakeFirst();
  return row !== undefined;
}

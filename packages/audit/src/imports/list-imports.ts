// What a tenant was brought: the runs, the newest first, and the kinds of records, those that nobody
// mapped before the others.

import { auditError } from '../audit-error.ts';
import type { AuditRoom } from '../store/audit-room.ts';

export interface ImportRunSums {
  run: string;
  by: string;
  startedMs: number;
  lastMs: number;
  /** Absent while the run goes on, or when it was cut. */
  endedMs?: number;
  recorded: number;
  known: number;
  unmapped: number;
  future: number;
  truncated: number;
  unreadable: number;
}

export interface ImportKind {
  source: string;
  operation: string;
  mapped: boolean;
  count: number;
  firstMs: number;
  lastMs: number;
  /** `metadata.uid` of an event to look at. */
  lastUid: string;
}

export interface Imports {
  runs: ImportRunSums[];
  kinds: ImportKind[];
}

/** @param limit of runs and of kinds, each; 1 to 1000 */
export async function listImports(
  room: AuditRoom,
  { tenant, limit = 100 }: { tenant: string; limit?: number },
): Promise<Imports> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw auditError('query_malformed', 'The limit of a page is 1 to 1000.');
  }
  const runs = await room.store.read
    .selectFrom('import_run')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('started_ms', 'desc')
    .limit(limit)
    .execute();
  const kinds = await room.store.read
    .selectFrom('import_kind')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('mapped')
    .orderBy('count', 'desc')
    .limit(limit)
    .execute();
  return {
    runs: runs.map(({ tenant: _, started_ms, last_ms, ended_ms, ...sums }) => ({
      ...sums,
      startedMs: started_ms,
      lastMs: last_ms,
      ...(ended_ms === null ? {} : { endedMs: ended_ms }),
    })),
    kinds: kinds.map(({ tenant: _, mapped, first_ms, last_ms, last_uid, ...kind }) => ({
      ...kind,
      mapped: mapped === 1,
      firstMs: first_ms,
      lastMs: last_ms,
      lastUid: last_uid,
    })),
  };
}

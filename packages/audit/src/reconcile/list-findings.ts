// Reads findings, newest first. A tenant's reader names the tenant, and gets nothing else.

import { auditError } from '../audit-error.ts';
import type { FindingClass } from '../classify/verdict.ts';
import { hashBytes } from '../hex-bytes.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { type Finding, findingOf } from './finding.ts';

export interface FindingQuery {
  tenant?: string;
  classes?: FindingClass[];
  /** Lower-case hex SHA-256. */
  tokenHash?: string;
  raisedAfterMs?: number;
  /** 1 to 1000. Default 100. */
  limit?: number;
}

/** @throws CodedError `query_malformed` */
export async function listFindings(room: AuditRoom, query: FindingQuery = {}): Promise<Finding[]> {
  const { limit = 100 } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw auditError('query_malformed', 'The limit of a page is 1 to 1000.');
  }
  let select = room.store.read.selectFrom('finding').selectAll().limit(limit);
  if (query.tenant !== undefined) select = select.where('tenant', '=', query.tenant);
  if (query.classes !== undefined) select = select.where('class', 'in', query.classes);
  if (query.tokenHash !== undefined) {
    select = select.where('token_hash', '=', hashBytes(query.tokenHash));
  }
  if (query.raisedAfterMs !== undefined) {
    select = select.where('raised_ms', '>', query.raisedAfterMs);
  }
  const rows = await select.orderBy('raised_ms', 'desc').orderBy('uid', 'desc').execute();
  return rows.map((row) => findingOf(room.logs, row));
}

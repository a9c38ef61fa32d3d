// Reads events page by page. A tenant's reader names the tenant, and gets nothing else.

import type { EventName } from '@countersign/vocabulary';
import { sql } from 'kysely';
import { auditError } from '../audit-error.ts';
import { hashBytes } from '../hex-bytes.ts';
import type { AuditRoom } from './audit-room.ts';

export interface EventQuery {
  /** `_installation` for events of no tenant. */
  tenant?: string;
  realm?: string;
  names?: EventName[];
  /** Lower-case hex SHA-256. */
  tokenHash?: string;
  /** Events that this one led to. */
  causedBy?: string;
  /** Oldest first, beginning after this sequence number. */
  afterSequence?: number;
  /** Newest first, beginning before this sequence number; not together with `afterSequence`. */
  beforeSequence?: number;
  /** 1 to 1000. Default 100. */
  limit?: number;
}

export interface StoredEvent {
  sequence: number;
  uid: string;
  name: EventName;
  timeMs: number;
  tenant: string | undefined;
  realm: string | undefined;
  severityId: number;
  kid: string | undefined;
  /** The OCSF event, with `metadata.sequence`. */
  ocsf: Record<string, unknown>;
  /** Null for events of our own. */
  source: string | null;
  /** The event exactly as stored. */
  text: string;
}

const INSTALLATION = '_installation';

/** @throws CodedError `query_malformed` */
export async function listEvents(room: AuditRoom, query: EventQuery): Promise<StoredEvent[]> {
  const { limit = 100, afterSequence, beforeSequence } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw auditError('query_malformed', 'The limit of a page is 1 to 1000.');
  }
  if (afterSequence !== undefined && beforeSequence !== undefined) {
    throw auditError('query_malformed', 'A page begins after one event or before one, not both.');
  }
  let select = room.store.read.selectFrom('event').selectAll().limit(limit);
  const { tenant } = query;
  if (tenant === INSTALLATION) select = select.where('tenant', 'is', null);
  else if (tenant !== undefined) select = select.where('tenant', '=', tenant);
  if (query.realm !== undefined) select = select.where('realm', '=', query.realm);
  if (query.names !== undefined) select = select.where('name', 'in', query.names);
  if (query.tokenHash !== undefined) {
    select = select.where(ofToken(hashBytes(query.tokenHash)));
  }
  if (query.causedBy !== undefined) select = select.where('caused_by', '=', query.causedBy);
  if (beforeSequence !== undefined) select = select.where('sequence', '<', beforeSequence);
  if (afterSequence !== undefined) select = select.where('sequence', '>', afterSequence);
  const newestFirst = beforeSequence !== undefined;
  const rows = await select.orderBy('sequence', newestFirst ? 'desc' : 'asc').execute();
  return rows.map((row) => ({
    sequence: row.sequence,
    uid: row.uid,
    name: row.name as EventName,
    timeMs: row.time_ms,
    tenant: row.tenant ?? undefined,
    realm: row.realm ?? undefined,
    severityId: row.severity_id,
    kid: row.kid ?? undefined,
    ocsf: withSequence(JSON.parse(row.ocsf), row.sequence),
    source: row.source,
    text: row.ocsf,
  }));
}

/** As the indexes are made: issues by their place in the log, all else by the hash. */
function ofToken(hash: Uint8Array) {
  return sql<boolean>`((token_hash = ${hash} AND name <> 'token.issued')
    OR (name = 'token.issued' AND token_hash = ${hash}
      AND log_index = (SELECT log_index FROM issued_token WHERE token_hash = ${hash})))`;
}

function withSequence(
  ocsf: Record<string, unknown> & { metadata: object },
  sequence: number,
): Record<string, unknown> {
  return { ...ocsf, metadata: { ...ocsf.metadata, sequence } };
}

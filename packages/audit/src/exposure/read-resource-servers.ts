// Who reported uses of tokens of a key. Kept as a sum for each reporter, because the reports themselves
// make room after some days; what came in and was not judged yet is looked at as it is.

import type { AuditRoom } from '../store/audit-room.ts';
import {
  type KeyExposure,
  MOST_NAMED,
  type ResourceServer,
  type UseDecision,
} from './key-exposure.ts';

export async function readResourceServers(
  room: AuditRoom,
  kid: string,
): Promise<Pick<KeyExposure, 'resourceServers' | 'uses' | 'firstAcceptedMs' | 'lastAcceptedMs'>> {
  const rows = await room.store.read
    .selectFrom('key_use')
    .selectAll()
    .where('kid', '=', kid)
    .execute();
  const servers = new Map<string, ResourceServer>();
  const uses: Partial<Record<UseDecision, number>> = {};
  for (const row of rows) {
    const decision = row.decision as UseDecision;
    const server = servers.get(row.reporter_id) ?? newServer(row);
    servers.set(row.reporter_id, server);
    server.uses[decision] = row.uses;
    uses[decision] = (uses[decision] ?? 0) + row.uses;
    if (decision !== 'accepted') continue;
    server.firstAcceptedMs = row.first_ms;
    server.lastAcceptedMs = row.last_ms;
  }
  const all = [...servers.values()].sort((a, b) => sumOf(b) - sumOf(a));
  const accepted = rows.filter(({ decision }) => decision === 'accepted');
  return {
    resourceServers: {
      list: all.slice(0, MOST_NAMED),
      more: Math.max(0, all.length - MOST_NAMED),
    },
    uses,
    firstAcceptedMs: lowest(accepted.map((row) => row.first_ms)),
    lastAcceptedMs: highest(accepted.map((row) => row.last_ms)),
  };
}

/**
 * When this house last heard that a token of the key was accepted, in milliseconds, by its own clock;
 * undefined for never.
 */
export async function readLastAcceptedUse(
  room: AuditRoom,
  kid: string,
): Promise<number | undefined> {
  const { judged } = await room.store.read
    .selectFrom('key_use')
    .select(({ fn }) => fn.max<number | null>('last_received_ms').as('judged'))
    .where('kid', '=', kid)
    .where('decision', '=', 'accepted')
    .executeTakeFirstOrThrow();
  const { waiting } = await room.store.read
    .selectFrom('use_report as u')
    .leftJoin('issued_token as t', 't.token_hash', 'u.token_hash')
    .select(({ fn }) => fn.max<number | null>('u.received_ms').as('waiting'))
    .where('u.sequence', '>=', ({ selectFrom }) =>
      selectFrom('follower_cursor').select('position').where('name', '=', 'uses'),
    )
    .where('u.decision', '=', 'accepted')
    .where(({ or, eb }) => or([eb('u.kid', '=', kid), eb('t.kid', '=', kid)]))
    .executeTakeFirstOrThrow();
  return highest([judged, waiting].flatMap((ms) => ms ?? []));
}

function newServer(row: { reporter_id: string; tenant: string }): ResourceServer {
  return {
    reporterId: row.reporter_id,
    tenant: row.tenant,
    uses: {},
    firstAcceptedMs: undefined,
    lastAcceptedMs: undefined,
  };
}

function sumOf({ uses }: ResourceServer): number {
  return Object.values(uses).reduce((sum, count) => sum + count, 0);
}

function lowest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.min(...times);
}

function highest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.max(...times);
}

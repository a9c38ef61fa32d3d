// One page of a search over hot and sealed events. The places of the matches are found first, in narrow
// columns; the text of an event is unpacked only for those that are shown.

import {
  compileFilter,
  type Filter,
  findTimeRange,
  parseFilter,
  type TimeRange,
} from '@countersign/search';
import type { DuckDBConnection } from '@duckdb/node-api';
import { archiveError } from '../archive-error.ts';
import type { EventRelation, EventRelations, UnreadablePart } from '../inside/event-relation.ts';
import { type Cursor, type PlaceInOrder, readCursor, writeCursor } from './cursor.ts';
import { Deadline, runStatement } from './run-statement.ts';
import { scopeFilter } from './scope-filter.ts';
import { searchForPerson } from './search-for-person.ts';
import {
  type FoundEvent,
  type SearchPage,
  type SearchRequest,
  searchRequestSchema,
} from './search-request.ts';
import { timeWindows } from './time-windows.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
/** Of one page as JSON: it has to fit into a frame of the pipe. */
const LONGEST_PAGE_BYTES = 2_500_000;

/** @throws CodedError `query_malformed`, `cursor_malformed`, `filter_malformed`, `search_timeout`, `archive_behind` */
export async function searchArchive(
  relations: EventRelations,
  given: SearchRequest,
  nowMs: number,
): Promise<SearchPage> {
  const request = checkRequest(given);
  const deadline = new Deadline(request.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  if (request.throughSequence !== undefined) {
    await relations.catchUp(request.throughSequence, deadline.leftMs());
  }
  const cursor = request.cursor === undefined ? undefined : readCursor(request.cursor, request);
  const filter = parseFilter(request.filter, { nowMs: cursor?.nowMs ?? nowMs });
  const asked = { relations, request, filter, cursor, nowMs: cursor?.nowMs ?? nowMs, deadline };
  const found =
    request.scope.person === undefined ? await collect(asked) : await searchForPerson(asked);
  return toPage(found, asked);
}

export interface Asked {
  relations: EventRelations;
  request: SearchRequest;
  filter: Filter;
  cursor: Cursor | undefined;
  nowMs: number;
  deadline: Deadline;
}

export interface Collected {
  /** One more than asked for when there are more. */
  events: FoundEvent[];
  throughSequence: number;
  filesRead: number;
  unreadable: UnreadablePart[];
}

/** Matches in order, up to one more than the limit. */
export async function collect(asked: Asked): Promise<Collected> {
  const { relations, request, filter, cursor } = asked;
  const whole: Filter = { kind: 'and', parts: [scopeFilter(request.scope), filter] };
  const events: FoundEvent[] = [];
  const unreadable = new Map<string, UnreadablePart>();
  let throughSequence = cursor?.throughSequence;
  let filesRead = 0;
  for (const window of windowsOf(findTimeRange(whole), asked)) {
    const needs = { tenant: request.scope.tenant, ...finite(window) };
    await relations.withRelation(needs, async (relation, connection) => {
      throughSequence ??= relation.sequence;
      filesRead += relation.files;
      for (const part of relation.unreadable) unreadable.set(`${part.tenant} ${part.first}`, part);
      const limit = request.limit + 1 - events.length;
      const within = { ...asked, relation, connection, window, throughSequence, limit };
      events.push(...(await searchWindow(within, whole)));
    });
    if (events.length > request.limit) break;
  }
  const through = throughSequence ?? 0;
  return { events, throughSequence: through, filesRead, unreadable: [...unreadable.values()] };
}

interface Within extends Asked {
  relation: EventRelation;
  connection: DuckDBConnection;
  window: TimeRange;
  throughSequence: number;
  limit: number;
}

async function searchWindow(within: Within, filter: Filter): Promise<FoundEvent[]> {
  const { relation, connection, deadline, request, window, throughSequence, limit } = within;
  const { sql, values } = compileFilter(filter);
  const conditions = [sql, ...boundsOf(window), `sequence <= ${throughSequence}`];
  if (within.cursor !== undefined) conditions.push(afterPlace(within.cursor.after, request.order));
  const direction = request.order === 'newest' ? 'DESC' : 'ASC';
  const places = await runStatement(
    connection,
    `SELECT number, sequence, time_ms FROM ${relation.sql} WHERE ${conditions.join(' AND ')}
      ORDER BY time_ms ${direction}, sequence ${direction} LIMIT ${limit}`,
    values,
    deadline,
  );
  return places.length === 0 ? [] : await unpack(within, places);
}

/** @param places rows of number, sequence, time_ms, in the order of the page */
async function unpack(
  { relation, connection, deadline }: Within,
  places: readonly (readonly unknown[])[],
): Promise<FoundEvent[]> {
  const column = (at: number): number[] => places.map((place) => Number(place[at]));
  const [numbers, sequences, times] = [column(0), column(1), column(2)];
  const rows = await runStatement(
    connection,
    `SELECT sequence, number, uid, tenant, time_ms, name, severity_id, ocsf
      FROM ${relation.narrowTo(numbers)}
      WHERE number IN (${numbers.join(', ')}) AND sequence IN (${sequences.join(', ')})
      AND time_ms BETWEEN ${Math.min(...times)} AND ${Math.max(...times)}`,
    [],
    deadline,
  );
  const bySequence = new Map(rows.map((row) => [Number(row[0]), toEvent(row)]));
  return sequences.flatMap((sequence) => bySequence.get(sequence) ?? []);
}

function toEvent(row: readonly unknown[]): FoundEvent {
  const [sequence, number, uid, tenant, timeMs, name, severityId, ocsf] = row;
  return {
    ...{ sequence: Number(sequence), number: Number(number), uid: String(uid) },
    ...{ tenant: String(tenant), timeMs: Number(timeMs), name: String(name) },
    severityId: Number(severityId ?? 0),
    ...(typeof ocsf === 'string' ? { ocsf } : { erased: true as const }),
  };
}

function toPage({ events, ...rest }: Collected, { request, nowMs }: Asked): SearchPage {
  let bytes = 0;
  let shown = 0;
  for (const { ocsf } of events.slice(0, request.limit)) {
    bytes += ocsf === undefined ? 0 : Buffer.byteLength(JSON.stringify(ocsf));
    if (bytes > LONGEST_PAGE_BYTES && shown > 0) break;
    shown += 1;
  }
  const page = events.slice(0, shown);
  const last = page.at(-1);
  if (last === undefined || events.length === shown) return { events: page, ...rest };
  const after = { timeMs: last.timeMs, sequence: last.sequence };
  const { throughSequence } = rest;
  const next = writeCursor({ after, throughSequence, nowMs }, request);
  return { events: page, next, ...rest };
}

function windowsOf(range: TimeRange, { request, cursor, nowMs }: Asked): TimeRange[] {
  const { order } = request;
  if (cursor === undefined) return timeWindows(range, order, nowMs);
  const { timeMs } = cursor.after;
  const rest =
    order === 'newest'
      ? { ...range, toMs: Math.min(range.toMs, timeMs) }
      : { ...range, fromMs: Math.max(range.fromMs, timeMs) };
  return timeWindows(rest, order, nowMs);
}

/** Numbers of ours, never text: they may stand in the statement. */
export function boundsOf({ fromMs, toMs }: TimeRange): string[] {
  return [
    ...(Number.isFinite(fromMs) ? [`time_ms >= ${fromMs}`] : []),
    ...(Number.isFinite(toMs) ? [`time_ms <= ${toMs}`] : []),
  ];
}

function afterPlace({ timeMs, sequence }: PlaceInOrder, order: 'newest' | 'oldest'): string {
  const sign = order === 'newest' ? '<' : '>';
  return `(time_ms ${sign} ${timeMs} OR (time_ms = ${timeMs} AND sequence ${sign} ${sequence}))`;
}

/** @returns the ends that files can be chosen by */
export function finite({ fromMs, toMs }: TimeRange): { fromMs?: number; toMs?: number } {
  return {
    ...(Number.isFinite(fromMs) ? { fromMs } : {}),
    ...(Number.isFinite(toMs) ? { toMs } : {}),
  };
}

function checkRequest(given: SearchRequest): SearchRequest {
  const { success, data, error } = searchRequestSchema.safeParse(given);
  if (success) return data;
  const [issue] = error.issues;
  const message = `The search is malformed: ${issue?.path.join('.')} ${issue?.message}.`;
  throw archiveError('query_malformed', message);
}

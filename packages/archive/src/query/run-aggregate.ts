// Counts: events that match, in groups. One pass over the columns that are named; no event is unpacked
// unless a path into it is.

import {
  compileFilter,
  compileKey,
  type Filter,
  findTimeRange,
  parseFilter,
  type SqlKey,
  type SqlValue,
  shortenIp,
} from '@countersign/search';
import { archiveError } from '../archive-error.ts';
import type { EventRelations } from '../inside/event-relation.ts';
import { boundsOf, finite } from './run-search.ts';
import { Deadline, runStatement } from './run-statement.ts';
import { scopeFilter } from './scope-filter.ts';
import {
  type AggregateAnswer,
  type AggregateRequest,
  aggregateRequestSchema,
  type EventGroup,
} from './search-request.ts';

const DEFAULT_TIMEOUT_MS = 10_000;

/** @throws CodedError `query_malformed`, `filter_malformed`, `search_timeout`, `archive_behind` */
export async function aggregateArchive(
  relations: EventRelations,
  given: AggregateRequest,
  nowMs: number,
): Promise<AggregateAnswer> {
  const request = checkRequest(given);
  const deadline = new Deadline(request.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  if (request.throughSequence !== undefined) {
    await relations.catchUp(request.throughSequence, deadline.leftMs());
  }
  const asked = parseFilter(request.filter, { nowMs });
  const filter: Filter = { kind: 'and', parts: [scopeFilter(request.scope), asked] };
  const range = findTimeRange(filter);
  const plan = planGroups(request, filter);
  const needs = { tenant: request.scope.tenant, ...finite(range) };
  return relations.withRelation(needs, async (relation, connection) => {
    const where = [plan.where, ...boundsOf(range), `sequence <= ${relation.sequence}`].join(
      ' AND ',
    );
    const statement = `SELECT ${plan.columns.join(', ')} FROM ${relation.sql} WHERE ${where}
      ${plan.group} ORDER BY ${plan.order} LIMIT ${request.limit + 1}`;
    const rows = await runStatement(connection, statement, plan.values, deadline);
    const groups = rows.slice(0, request.limit).map((row) => toGroup(row, plan, request));
    return {
      groups: groups.filter(({ count }) => count > 0),
      total: Number(rows[0]?.[0] ?? 0),
      more: rows.length > request.limit,
      ...(plan.estimated ? { approximate: true as const } : {}),
      throughSequence: relation.sequence,
      filesRead: relation.files,
      unreadable: relation.unreadable,
    };
  });
}

interface GroupPlan {
  where: string;
  columns: string[];
  group: string;
  order: string;
  values: SqlValue[];
  keys: SqlKey[];
  /** Different values are estimated. */
  estimated: boolean;
}

/** Columns: total, count, first, last, the keys, the bucket, the counts of different values. */
function planGroups(request: AggregateRequest, filter: Filter): GroupPlan {
  const { groupBy, bucketMs, distinct = [], approximate = false } = request;
  const values: SqlValue[] = [];
  const key = (name: string): SqlKey => {
    const compiled = compileKey(name, values.length);
    values.push(...compiled.values);
    return compiled;
  };
  const keys = groupBy.map(key);
  const counted = distinct.map(key);
  const { sql: where, values: more } = compileFilter(filter, values.length);
  values.push(...more);
  const bucket = bucketMs === undefined ? [] : [`time_ms - time_ms % ${bucketMs} AS bucket`];
  const columns = [
    ...[
      'CAST(sum(count(*)) OVER () AS BIGINT)',
      'count(*) AS events',
      'min(time_ms)',
      'max(time_ms)',
    ],
    ...keys.map(({ sql }, at) => `${sql} AS key${at}`),
    ...bucket,
    ...counted.map(({ sql }) =>
      approximate ? `approx_count_distinct(${sql})` : `count(DISTINCT ${sql})`,
    ),
  ];
  const names = [...(bucket.length === 0 ? [] : ['bucket']), ...keys.map((_, at) => `key${at}`)];
  const byKey = names.map((name) => `${name} ASC NULLS LAST`);
  const order = request.order === 'count' ? ['events DESC', ...byKey] : byKey;
  const group = names.length === 0 ? '' : `GROUP BY ${names.join(', ')}`;
  return {
    where,
    columns,
    group,
    order: order.join(', ') || '1',
    values,
    keys,
    estimated: approximate && counted.length > 0,
  };
}

function toGroup(
  row: readonly unknown[],
  { keys }: GroupPlan,
  asked: AggregateRequest,
): EventGroup {
  const [, count, firstMs, lastMs, ...rest] = row;
  const bucketed = asked.bucketMs === undefined ? 0 : 1;
  return {
    key: keys.map((key, at) => toKey(rest[at], key)),
    ...(bucketed === 0 ? {} : { bucketMs: Number(rest[keys.length]) }),
    ...{ count: Number(count), firstMs: Number(firstMs ?? 0), lastMs: Number(lastMs ?? 0) },
    distinct: rest.slice(keys.length + bucketed).map(Number),
  };
}

function toKey(value: unknown, { number, address }: SqlKey): string | number | null {
  if (value === null || value === undefined) return null;
  if (number) return Number(value);
  return address ? shortenIp(String(value)) : String(value);
}

function checkRequest(given: AggregateRequest): AggregateRequest {
  const { success, data, error } = aggregateRequestSchema.safeParse(given);
  if (!success) {
    const [issue] = error.issues;
    const message = `The question is malformed: ${issue?.path.join('.')} ${issue?.message}.`;
    throw archiveError('query_malformed', message);
  }
  if (data.scope.person === undefined) return data;
  // Counts over what is stored would tell what is left out of what is shown.
  throw archiveError('query_malformed', 'A person lists events; nothing is counted for one.');
}

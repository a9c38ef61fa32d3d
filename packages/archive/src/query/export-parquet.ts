// A part of a record as one Parquet file, for whoever takes it out: what was asked for, in the order of its
// numbers, with the columns it is found by. The file lies where everything is removed at a start; whoever
// asked for it reads it and removes it.

import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compileFilter, type Filter, parseFilter } from '@countersign/search';
import { archiveError } from '../archive-error.ts';
import { COLUMNS } from '../columns.ts';
import { type EventRelations, quote } from '../inside/event-relation.ts';
import { SPILL_FOLDER } from '../inside/open-duckdb.ts';
import { scopeFilter } from './scope-filter.ts';
import type { SearchScope } from './search-request.ts';

export interface ParquetRequest {
  scope: SearchScope & { tenant: string };
  filter: string;
  /** Chain numbers, both included. */
  from: number;
  to: number;
  /** A file name without a folder, of a random part: two exports at once are two files. */
  name: string;
  throughSequence: number;
}

export interface ParquetFile {
  /** Below the archive's folder. */
  file: string;
  events: number;
  bytes: number;
}

const CATCH_UP_MS = 30_000;
/** The salt is only of use with the proof of a leaf, which is in an evidence bundle. */
const LEFT_OUT: ReadonlySet<string> = new Set(['salt', 'leaf']);
const SHOWN = COLUMNS.filter(({ name }) => !LEFT_OUT.has(name)).map(({ name }) => name);
const LEAF = `hex(coalesce(leaf, unhex(sha256('\\x00'::BLOB || coalesce(salt, repeat('\\x00'::BLOB, 16)) || encode(ocsf)))))`;

/** @throws CodedError `filter_malformed`, `archive_behind`, `archive_damaged` */
export async function exportParquet(
  relations: EventRelations,
  folder: string,
  request: ParquetRequest,
  nowMs: number,
): Promise<ParquetFile> {
  const { scope, from, to, name, throughSequence } = request;
  const asked = parseFilter(request.filter, { nowMs });
  const filter: Filter = { kind: 'and', parts: [scopeFilter(scope), asked] };
  await relations.catchUp(throughSequence, CATCH_UP_MS);
  const file = `${SPILL_FOLDER}/${name}`;
  const path = join(folder, file);
  mkdirSync(join(folder, SPILL_FOLDER), { recursive: true, mode: 0o700 });
  return relations.withRelation({ tenant: scope.tenant }, async (relation, connection) => {
    const [hole] = relation.unreadable;
    if (hole !== undefined) {
      const message = `Part of the record cannot be read now: numbers ${hole.first} to ${hole.last}.`;
      throw archiveError('archive_damaged', message);
    }
    const { sql, values } = compileFilter(filter);
    const select = `SELECT ${SHOWN.join(', ')}, lower(${LEAF}) AS leaf FROM ${relation.sql}
      WHERE number BETWEEN ${from} AND ${to} AND ${sql} ORDER BY number`;
    try {
      const copy = `COPY (${select}) TO ${quote(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 61440)`;
      const events = await connection.runAndReadAll(copy, [...values]);
      return { file, events: Number(events.getRowsJS()[0]?.[0] ?? 0), bytes: statSync(path).size };
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
  });
}

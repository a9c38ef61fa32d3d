// Files written anew as one: to have few of them, and to take the payload out of events that are to be
// forgotten. Of these the leaf stays, so that every proof holds. Nothing is put in the place of the old
// files before the new one was read whole and held against the record.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { archiveError } from '../archive-error.ts';
import type { Cut, RewriteRequest, Rewritten } from '../client/archive-client.ts';
import { COLUMNS, foldPerson } from '../columns.ts';
import type { Catalogue, CatalogueFile } from './catalogue.ts';
import { KEY_EVENT_PREFIX } from './chain-state.ts';
import { holdAgainst } from './check-file.ts';
import { quote } from './event-relation.ts';
import { sealedRows } from './join-relation.ts';
import { refuseUnreadable } from './read-events.ts';
import { nameFile, writeFile } from './write-file.ts';

export interface RewriteParts {
  folder: string;
  catalogue: Catalogue;
  connection: DuckDBConnection;
}

/** What is left of an event without its payload: where and when, and what kind. No person. */
const KEPT = new Set([
  ...['tenant', 'number', 'sequence', 'uid', 'time_ms', 'logged_ms', 'class_uid', 'activity_id'],
  ...['type_uid', 'name', 'severity_id', 'status_id', 'source'],
]);
const LEAF = `unhex(sha256('\\x00'::BLOB || coalesce(salt, repeat('\\x00'::BLOB, 16)) || encode(ocsf)))`;
/** Classes of findings, and names that tell what a person did: all else is never erased. */
const FINDING_CLASS = 2004;
const ERASABLE = ['token.', 'session.', 'grant.', 'consent.', 'data.'];
const MOST_SEQUENCES = 20_000;

/** SQL condition: the rows that lose their payload. */
function conditionOf(cut: Cut): string {
  if (cut.what === 'expired') return `NOT starts_with(name, ${quote(KEY_EVENT_PREFIX)})`;
  const ours = ERASABLE.map((prefix) => `starts_with(name, ${quote(prefix)})`).join(' OR ');
  const subject = quote(foldPerson(cut.subject));
  return `(person = ${subject} OR coalesce(list_contains(string_split(persons, chr(10)), ${subject}), false))
    AND class_uid <> ${FINDING_CLASS} AND (source IS NOT NULL OR ${ours})`;
}

export async function rewriteFiles(
  parts: RewriteParts,
  { tenant, files: names, cut }: RewriteRequest,
): Promise<Rewritten> {
  const { folder, catalogue, connection } = parts;
  const files = names.map((name) => findFile(catalogue, tenant, name));
  refuseUnreadable(catalogue, files);
  const { condition, ...found } = await findCut(connection, files, cut);
  if (cut !== undefined && found.cut === 0) return found;
  if (files.length > 1 && (await holdsLongTexts(connection, files))) return found;
  const [first, last] = [files[0]?.first ?? 0, files.at(-1)?.last ?? 0];
  const file = nameFile(folder, tenant, first, last);
  const path = join(folder, file);
  const columns = COLUMNS.map(({ name }) => columnOf(name, condition)).join(', ');
  const select = `SELECT ${columns} FROM (${sealedRows(files)}) ORDER BY number`;
  const bytes = await writeFile(connection, path, select);
  const wrong = await holdAgainst(connection, path, segmentsIn(catalogue, tenant, first, last));
  if (wrong !== undefined) {
    rmSync(path, { force: true });
    throw archiveError(
      'archive_damaged',
      `Files of ${tenant} could not be written anew: ${wrong}.`,
    );
  }
  const erased = files.reduce((sum, one) => sum + one.erased, 0) + found.cut;
  return { ...found, file: { file, tenant, first, last, bytes, erased, ...spanOf(files) } };
}

/** DuckDB reads 2,048 rows at once, and checking their order holds them all. */
const LONGEST_MEAN_BYTES = 16_384;

/** Whether somewhere in these files texts are so long that a file of them all could not be made or read. */
async function holdsLongTexts(
  connection: DuckDBConnection,
  files: readonly CatalogueFile[],
): Promise<boolean> {
  const paths = files.map(({ path }) => quote(path)).join(', ');
  const reader = await connection.runAndReadAll(
    `SELECT count(*) FROM parquet_metadata([${paths}]) WHERE path_in_schema = 'ocsf'
      AND total_uncompressed_size > ${LONGEST_MEAN_BYTES} * row_group_num_rows`,
  );
  return Number(reader.getRowsJS()[0]?.[0]) > 0;
}

function findFile(catalogue: Catalogue, tenant: string, name: string): CatalogueFile {
  const file = catalogue.find(tenant, name);
  if (file !== undefined) return file;
  throw archiveError('archive_malformed', `There is no file ${name} of ${tenant} on record.`);
}

async function findCut(
  connection: DuckDBConnection,
  files: readonly CatalogueFile[],
  cut: Cut | undefined,
): Promise<{ cut: number; sequences: number[]; condition: string }> {
  if (cut === undefined) return { cut: 0, sequences: [], condition: 'false' };
  const condition = `(ocsf IS NOT NULL AND ${conditionOf(cut)})`;
  const from = `FROM (${sealedRows(files)}) WHERE ${condition}`;
  const counted = await connection.runAndReadAll(`SELECT count(*) ${from}`);
  const listed = await connection.runAndReadAll(
    `SELECT sequence ${from} ORDER BY sequence LIMIT ${MOST_SEQUENCES}`,
  );
  const sequences = listed.getRowsJS().map(([sequence]) => Number(sequence));
  const all = { cut: Number(counted.getRowsJS()[0]?.[0]), sequences, condition };
  if (cut.what !== 'person' || all.cut <= sequences.length) return all;
  // No more lose their payload here than the event table hears of: the others come when it asks again.
  const most = `(${condition} AND sequence <= ${sequences.at(-1)})`;
  return { cut: sequences.length, sequences, condition: most };
}

function columnOf(name: string, condition: string): string {
  if (name === 'leaf') return `CASE WHEN ${condition} THEN ${LEAF} ELSE leaf END AS leaf`;
  if (KEPT.has(name)) return name;
  return `CASE WHEN ${condition} THEN NULL ELSE ${name} END AS ${name}`;
}

function segmentsIn(catalogue: Catalogue, tenant: string, first: number, last: number) {
  return catalogue
    .segmentsOf(tenant)
    .filter((segment) => segment.first >= first && segment.last <= last);
}

function spanOf(files: readonly CatalogueFile[]) {
  return {
    firstMs: Math.min(...files.map(({ first_ms }) => first_ms)),
    lastMs: Math.max(...files.map(({ last_ms }) => last_ms)),
    firstUid: files.map(({ first_uid }) => first_uid).sort()[0] ?? '',
    lastUid:
      files
        .map(({ last_uid }) => last_uid)
        .sort()
        .at(-1) ?? '',
  };
}

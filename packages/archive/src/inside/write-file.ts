// Writes one Parquet file under another name first, so that a crash leaves nothing that looks whole. The
// permission model takes fsync away: the server flushes a file before it puts it on record.

import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quote } from './event-relation.ts';

const DIGITS = 12;
/**
 * Rows that are compressed together, and that can be skipped together: DuckDB has no smaller groups.
 * Showing one event costs unpacking its group: 1 ms at this size, 45 ms at 65,536.
 */
const ROW_GROUP = 2048;
/** The quickest level, which packs these texts best: higher ones look for matches that are not there. */
const LEVEL = 1;
/**
 * A column has a bloom filter where it has a dictionary; by default that ends at a fifth of the rows,
 * and persons, addresses, sessions and tokens are past it. Columns that never repeat (numbers, salts) stay
 * without; so do the texts, whose dictionary would be too long.
 */
const DICTIONARY = `DICTIONARY_SIZE_LIMIT ${ROW_GROUP - 1}, STRING_DICTIONARY_PAGE_SIZE_LIMIT 262144`;
const OPTIONS = `FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL ${LEVEL}, PARQUET_VERSION v2, ROW_GROUP_SIZE ${ROW_GROUP}, ${DICTIONARY}`;

/** A name that is free: `TENANT/FIRST-LAST.parquet`, with a number when it was written anew. */
export function nameFile(folder: string, tenant: string, first: number, last: number): string {
  const range = [first, last].map((number) => String(number).padStart(DIGITS, '0')).join('-');
  for (let revision = 1; ; revision += 1) {
    const file = `${tenant}/${range}${revision === 1 ? '' : `.${revision}`}.parquet`;
    if (!existsSync(join(folder, file))) return file;
  }
}

/**
 * @param select the rows, in order
 * @returns bytes of the file
 */
export async function writeFile(
  connection: DuckDBConnection,
  path: string,
  select: string,
): Promise<number> {
  const half = `${path}.tmp`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await connection.run(`COPY (${select}) TO ${quote(half)} (${OPTIONS})`);
    renameSync(half, path);
    return statSync(path).size;
  } catch (error) {
    rmSync(half, { force: true });
    throw error;
  }
}

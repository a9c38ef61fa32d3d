// DuckDB in memory, bounded, and shut in: it reads and writes below the archive folder and nowhere
// else, loads nothing, and its settings cannot be changed again. It runs outside Node's permission
// model, so that these settings are the walls.

import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quote } from './event-relation.ts';

export interface DuckDbLimits {
  /** Default 1,024. */
  memoryMebibytes: number;
  /** Default 2. */
  threads: number;
}

export interface DuckDb {
  /** For what changes tables; one job at a time. */
  readonly writer: DuckDBConnection;
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

export const DEFAULT_MEMORY_MEBIBYTES = 1024;
/** Where DuckDB puts what does not fit into memory; emptied at each start. */
export const SPILL_FOLDER = '.spill';
const MOST_SPILL_MEBIBYTES = 4096;

export async function openDuckDb(
  folder: string,
  { memoryMebibytes = DEFAULT_MEMORY_MEBIBYTES, threads = 2 }: Partial<DuckDbLimits> = {},
): Promise<DuckDb> {
  // Native code, and half a second of loading: only in the process that needs it, never in the server.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${memoryMebibytes}MiB`,
    threads: String(threads),
    temp_directory: join(folder, SPILL_FOLDER),
    max_temp_directory_size: `${MOST_SPILL_MEBIBYTES}MiB`,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_unsigned_extensions: 'false',
    // There is nothing to keep: a checkpoint of tables in memory packs them, for seconds, to be dropped soon.
    checkpoint_threshold: '1TiB',
  });
  const writer = await instance.connect();
  await writer.run(`SET allowed_directories = [${quote(`${folder}/`)}]`);
  // A file never changes once it has its name, and reading where its parts lie costs more than most reads.
  await writer.run('SET GLOBAL parquet_metadata_cache = true');
  await writer.run('SET enable_external_access = false');
  await writer.run('SET lock_configuration = true');
  return {
    writer,
    connect: () => instance.connect(),
    close() {
      writer.closeSync();
      instance.closeSync();
    },
  };
}

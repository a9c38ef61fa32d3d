// The archivist's command line, as the server starts it. There is no secret among it.

import { parseArgs } from 'node:util';

export interface ArchivistArguments {
  /** DATA/archive, the only folder this process may write. */
  folder: string;
  /** The server's database, read and never written. */
  database: string;
  /** Name of the installation: part of the first head of each chain. */
  instance: string;
  /** Bounds of DuckDB. Default 1,024 MiB and 2 threads. */
  memoryMebibytes: number;
  threads: number;
}

export const USAGE =
  'archivist --folder FOLDER --database FILE --instance NAME [--memory-mebibytes N] [--threads N]\n' +
  'Speaks frames on stdin and stdout; started by the server under node --permission.';

const LEAST_MEMORY = 128;
const MOST_THREADS = 64;

/** @throws Error with a sentence for the operator */
export function readArguments(args: string[]): ArchivistArguments {
  const { values } = parseArgs({
    args,
    options: {
      folder: { type: 'string' },
      database: { type: 'string' },
      instance: { type: 'string' },
      'memory-mebibytes': { type: 'string', default: '1024' },
      threads: { type: 'string', default: '2' },
    },
  });
  const { folder, database, instance } = values;
  if (folder === undefined || database === undefined || instance === undefined) {
    throw new Error('--folder, --database and --instance are needed.');
  }
  const memoryMebibytes = Number(values['memory-mebibytes']);
  if (!Number.isInteger(memoryMebibytes) || memoryMebibytes < LEAST_MEMORY) {
    throw new Error(`--memory-mebibytes is a whole number from ${LEAST_MEMORY}.`);
  }
  const threads = Number(values.threads);
  if (!Number.isInteger(threads) || threads < 1 || threads > MOST_THREADS) {
    throw new Error(`--threads is a whole number from 1 to ${MOST_THREADS}.`);
  }
  return { folder, database, instance, memoryMebibytes, threads };
}

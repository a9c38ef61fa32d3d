// Starts the archivist, confined to the folder of the archive, and restarts it when it dies. It gets no
// secret and no network. It must load DuckDB, which Node's permission model does not bind: what that may
// touch is set inside DuckDB and cannot be set back (docs/decisions/0024-the-archive.md).

import { mkdirSync } from 'node:fs';
import { type Supervised, spawnConfined, superviseChild } from '@countersign/pipe';
import type { DataFolder } from '../settings/open-data-folder.ts';
import type { ArchiveSettings } from '../settings/read-archive.ts';
import { type ChildLog, sourceOf } from './start-children.ts';

const ROOMS = ['archive', 'trail', 'search', 'storage'];
const LIBRARIES = ['zod', 'kysely', '@duckdb', 'detect-libc'];
/** Of one request: files of a month are written anew in one. Shorter ones have deadlines of their own. */
const LONGEST_REQUEST_MS = 900_000;
const NAME = 'archivist';

export function startArchivist(
  data: DataFolder,
  { memoryMebibytes }: ArchiveSettings,
  log: ChildLog,
): Supervised {
  const folder = data.archive;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const args = [
    ...['--folder', folder, '--database', data.database],
    // In one piece: one name in 64 begins with a dash, and would be taken for an option.
    `--instance=${data.instanceId}`,
    ...['--memory-mebibytes', String(memoryMebibytes)],
  ];
  const start = () =>
    spawnConfined({
      name: NAME,
      ...sourceOf(NAME, ROOMS, LIBRARIES),
      ...{ args, folder, timeoutMs: LONGEST_REQUEST_MS },
      opens: { addons: true },
      onLogLine: (line) => {
        // Said by Node at each start of a process that may load addons.
        if (!/PERM0001|--trace-warnings/.test(line)) log.line(NAME, line);
      },
    });
  return superviseChild({
    ...{ name: NAME, start },
    onExit: ({ code, signal }) => log.exit(NAME, code, signal),
  });
}

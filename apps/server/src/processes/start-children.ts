// Starts the signer and the notary, each confined to its own folder, each restarted when it dies.
// What they may read of our source is listed here: only the rooms their narrow doors allow.

import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { type CustodyLaunch, type CustodySettings, planCustodyLaunch } from '@countersign/keys';
import { type SqliteUse, type Supervised, spawnConfined, superviseChild } from '@countersign/pipe';
import { LOCK_FILE } from '@countersign/transparency';
import type { DataFolder } from '../settings/open-data-folder.ts';

const REPOSITORY = join(import.meta.dirname, '../../../..');
// Of the passphrase: the first descriptor a child inherits, after stdin, stdout and stderr.
const FIRST_FD = 3;
const GROUND = ['vocabulary', 'verifier', 'pipe'];

export interface ChildLog {
  line(child: string, text: string): void;
  exit(child: string, code: number | null, signal: string | null): void;
}

export interface SignerPlan {
  /** For log lines: there may be two signers. */
  label: string;
  folder: string;
  custody: CustodyLaunch;
  /** No key is made that would live longer: the signer holds that against whoever asks (C-01). */
  longestKeyLifeSeconds: number;
}

/**
 * How signers are started with the custodies of the settings; their secrets are taken once, for all
 * of them.
 * @throws CodedError `secret_missing`, `secret_unusable`
 */
export function planCustody(settings: CustodySettings): CustodyLaunch {
  return planCustodyLaunch(join(REPOSITORY, 'node_modules'), settings);
}

/** @param standIns receipt keys of logs that stand in for each other, when there are several */
export function startSigner(
  data: DataFolder,
  standIns: readonly string[],
  log: ChildLog,
  { label, folder, custody, longestKeyLifeSeconds }: SignerPlan,
): Supervised {
  const longest = ['--longest-key-life-seconds', String(longestKeyLifeSeconds)];
  return startChild({
    name: 'signer',
    label,
    rooms: ['keys'],
    libraries: ['zod', ...custody.libraries],
    sqlite: 'denied',
    folder,
    data,
    args: () => [folder, String(FIRST_FD), ...standIns, ...longest, ...custody.args(FIRST_FD + 1)],
    custody,
    log,
  });
}

/** How long a new checkpoint may wait to be shown with the cosignatures of its witnesses. */
const COSIGNED_WAIT_MS = 1000;

export interface NotaryPlan {
  /** For log lines: there may be two notaries. */
  label: string;
  folder: string;
  origin: string;
  witnessed: boolean;
  /** Asked at each start: only a log's very first may make it. */
  make(): boolean;
}

export function startNotary(
  data: DataFolder,
  { label, folder, origin, witnessed, make }: NotaryPlan,
  log: ChildLog,
): Supervised {
  const args = (): string[] => [
    ...['--folder', folder, '--origin', origin, '--passphrase-fd', String(FIRST_FD)],
    ...(make() ? ['--make'] : []),
    ...(witnessed ? ['--cosigned-wait-ms', String(COSIGNED_WAIT_MS)] : []),
  ];
  return startChild({
    name: 'notary',
    label,
    rooms: ['transparency'],
    libraries: [],
    // It goes without where it can be handed a locked file; else its lock is one by SQLite.
    sqlite: 'allowed',
    lockFile: join(folder, LOCK_FILE),
    folder,
    data,
    args,
    log,
  });
}

interface ChildPlan {
  name: 'signer' | 'notary';
  label: string;
  rooms: string[];
  libraries: string[];
  sqlite: SqliteUse;
  lockFile?: string;
  folder: string;
  data: DataFolder;
  args(): string[];
  /** Only of a signer. */
  custody?: CustodyLaunch;
  log: ChildLog;
}

function startChild({
  name,
  label,
  rooms,
  libraries,
  sqlite,
  lockFile,
  folder,
  data,
  args,
  custody,
  log,
}: ChildPlan): Supervised {
  const start = () => {
    // Opened anew for each start: a descriptor has one read position, shared with the child.
    const inheritFds = [data.passphrase, ...(custody?.secrets ?? [])].map((one) => one.open());
    try {
      return spawnConfined({
        name: label,
        ...sourceOf(name, rooms, libraries),
        args: args(),
        folder,
        inheritFds,
        sqlite,
        opens: custody?.opens ?? {},
        environment: custody?.environment ?? {},
        ...(lockFile === undefined ? {} : { lockFile }),
        onLogLine: (line) => log.line(label, line),
      });
    } finally {
      for (const fd of inheritFds) closeSync(fd);
    }
  };
  return superviseChild({
    name: label,
    start,
    onExit: ({ code, signal }) => log.exit(label, code, signal),
  });
}

/** The script of a door, and all that it may read of our source. */
export function sourceOf(
  door: string,
  rooms: string[],
  libraries: string[],
): { script: string; readPaths: string[] } {
  const readPaths = [
    join(REPOSITORY, 'package.json'),
    join(REPOSITORY, 'apps', door),
    ...[...GROUND, ...rooms].flatMap((room) => [
      join(REPOSITORY, 'packages', room),
      join(REPOSITORY, 'node_modules/@countersign', room),
    ]),
    ...libraries.map((library) => join(REPOSITORY, 'node_modules', library)),
  ];
  return { script: join(REPOSITORY, 'apps', door, 'src/main.ts'), readPaths };
}

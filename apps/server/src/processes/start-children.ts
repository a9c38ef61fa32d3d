// Starts the signer and the notary, each confined to its own folder, each restarted when it dies.
// What they may read of our source is listed here: only the rooms their narrow doors allow.

import { closeSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Supervised, spawnConfined, superviseChild } from '@countersign/pipe';
import type { DataFolder } from '../settings/open-data-folder.ts';

const REPOSITORY = join(import.meta.dirname, '../../../..');
const GROUND = ['vocabulary', 'verifier', 'pipe'];

export interface ChildLog {
  line(child: string, text: string): void;
  exit(child: string, code: number | null, signal: string | null): void;
}

export function startSigner(data: DataFolder, log: ChildLog): Supervised {
  return startChild({
    name: 'signer',
    rooms: [...GROUND, 'keys'],
    folder: data.signer,
    passphraseFile: data.passphraseFile,
    args: [],
    log,
  });
}

export function startNotary(data: DataFolder, origin: string, log: ChildLog): Supervised {
  return startChild({
    name: 'notary',
    rooms: [...GROUND, 'transparency'],
    folder: data.notary,
    passphraseFile: data.passphraseFile,
    args: ['--origin', origin],
    log,
  });
}

interface ChildPlan {
  name: 'signer' | 'notary';
  rooms: string[];
  folder: string;
  passphraseFile: string;
  args: string[];
  log: ChildLog;
}

function startChild({ name, rooms, folder, passphraseFile, args, log }: ChildPlan): Supervised {
  const start = () => {
    // Opened anew for each start: a descriptor has one read position, shared with the child.
    const passphraseFd = openSync(passphraseFile, 'r');
    try {
      return spawnConfined({
        name,
        script: join(REPOSITORY, 'apps', name, 'src/main.ts'),
        args: ['--folder', folder, '--passphrase-fd', '3', ...args],
        folder,
        readPaths: sourceOf(name, rooms),
        inheritFds: [passphraseFd],
        onLogLine: (line) => log.line(name, line),
      });
    } finally {
      closeSync(passphraseFd);
    }
  };
  return superviseChild({
    name,
    start,
    onExit: ({ code, signal }) => log.exit(name, code, signal),
  });
}

function sourceOf(door: string, rooms: string[]): string[] {
  return [
    join(REPOSITORY, 'package.json'),
    join(REPOSITORY, 'apps', door),
    ...rooms.flatMap((room) => [
      join(REPOSITORY, 'packages', room),
      join(REPOSITORY, 'node_modules/@countersign', room),
    ]),
    ...(rooms.includes('keys')
      ? [dirname(dirname(import.meta.resolve('zod').replace('file://', '')))].map(() =>
          join(REPOSITORY, 'node_modules/zod'),
        )
      : []),
  ];
}

// The signer proper as a child of its remote door: the keys stay in a process without a network,
// however exposed the door is.

import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Supervised, spawnConfined, superviseChild } from '@countersign/pipe';
import type { RemoteArguments } from './read-remote-arguments.ts';

const REPOSITORY = join(import.meta.dirname, '../../../..');
const ROOMS = ['vocabulary', 'verifier', 'pipe', 'keys'];
const LIBRARIES = ['zod'];
// The first descriptor a child inherits, after stdin, stdout and stderr.
const PASSPHRASE_FD = '3';

export interface ConfinedSigner extends Supervised {
  /** What the child wrote last, for the operator. */
  readonly lastWords: string;
}

export function startConfined(
  { folder, passphraseFile, standIns }: RemoteArguments,
  say: (line: string) => void,
): ConfinedSigner {
  const home = resolve(folder);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  let lastWords = 'it said nothing.';
  const supervised = superviseChild({
    name: 'signer',
    start: () => {
      // Opened anew for each start: a descriptor has one read position, shared with the child.
      const fd = openSync(passphraseFile, 'r');
      try {
        return spawnConfined({
          name: 'signer',
          script: join(REPOSITORY, 'apps/signer/src/main.ts'),
          args: [home, PASSPHRASE_FD, ...standIns],
          folder: home,
          sqlite: 'denied',
          readPaths: sourcePaths(),
          inheritFds: [fd],
          onLogLine: (line) => {
            lastWords = line;
            say(line);
          },
        });
      } finally {
        closeSync(fd);
      }
    },
    onExit: ({ code, signal }) => say(`The signer ended (${code ?? signal}); it is restarted.`),
  });
  return Object.defineProperty(supervised, 'lastWords', {
    get: () => lastWords,
  }) as ConfinedSigner;
}

function sourcePaths(): string[] {
  return [
    join(REPOSITORY, 'package.json'),
    join(REPOSITORY, 'apps/signer'),
    ...ROOMS.flatMap((room) => [
      join(REPOSITORY, 'packages', room),
      join(REPOSITORY, 'node_modules/@countersign', room),
    ]),
    ...LIBRARIES.map((library) => join(REPOSITORY, 'node_modules', library)),
  ];
}

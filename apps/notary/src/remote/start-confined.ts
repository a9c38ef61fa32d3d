// The notary proper as a child of its remote door: the keys stay in a process without a network,
// however exposed the door is.

import { closeSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Supervised, spawnConfined, superviseChild } from '@countersign/pipe';
import { LOCK_FILE } from '@countersign/transparency';
import type { RemoteArguments } from './read-remote-arguments.ts';

const REPOSITORY = join(import.meta.dirname, '../../../..');
const ROOMS = ['vocabulary', 'verifier', 'pipe', 'transparency'];

export interface ConfinedNotary extends Supervised {
  /** What the child wrote last, for the operator. */
  readonly lastWords: string;
}

export function startConfined(
  { folder, origin, passphraseFile, make }: RemoteArguments,
  say: (line: string) => void,
): ConfinedNotary {
  const home = resolve(folder);
  let lastWords = 'it said nothing.';
  let made = !make;
  const supervised = superviseChild({
    name: 'notary',
    start: () => {
      const fd = openSync(passphraseFile, 'r');
      // Only the first start may make a log: an empty folder later is a lost log.
      const makes = made ? [] : ['--make'];
      made = true;
      try {
        return spawnConfined({
          name: 'notary',
          script: join(REPOSITORY, 'apps/notary/src/main.ts'),
          args: ['--folder', home, '--origin', origin, '--passphrase-fd', '3', ...makes],
          folder: home,
          lockFile: join(home, LOCK_FILE),
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
    onExit: ({ code, signal }) => say(`The notary ended (${code ?? signal}); it is restarted.`),
  });
  return Object.defineProperty(supervised, 'lastWords', {
    get: () => lastWords,
  }) as ConfinedNotary;
}

function sourcePaths(): string[] {
  return [
    join(REPOSITORY, 'package.json'),
    join(REPOSITORY, 'apps/notary'),
    ...ROOMS.flatMap((room) => [
      join(REPOSITORY, 'packages', room),
      join(REPOSITORY, 'node_modules/@countersign', room),
    ]),
  ];
}

// The signer proper as a child of its remote door: the keys stay in a process without a network,
// however exposed the door is.

import { closeSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { planCustodyLaunch } from '@countersign/keys';
import { holdSecret, type Supervised, spawnConfined, superviseChild } from '@countersign/pipe';
import type { RemoteArguments } from './read-remote-arguments.ts';

const REPOSITORY = join(import.meta.dirname, '../../../..');
const ROOMS = ['vocabulary', 'verifier', 'pipe', 'keys'];
const LIBRARIES = ['zod'];
// Of the passphrase: the first descriptor a child inherits, after stdin, stdout and stderr.
const FIRST_FD = 3;

export interface ConfinedSigner extends Supervised {
  /** What the child wrote last, for the operator. */
  readonly lastWords: string;
}

/** @throws CodedError `secret_missing`, `secret_unusable` */
export function startConfined(
  { folder, passphrase, custody, longestKeyLifeSeconds, standIns }: RemoteArguments,
  say: (line: string) => void,
): ConfinedSigner {
  const home = resolve(folder);
  const held = holdSecret(passphrase, 'key passphrase');
  const launch = planCustodyLaunch(join(REPOSITORY, 'node_modules'), custody);
  const longest =
    longestKeyLifeSeconds === undefined
      ? []
      : ['--longest-key-life-seconds', longestKeyLifeSeconds];
  mkdirSync(home, { recursive: true, mode: 0o700 });
  let lastWords = 'it said nothing.';
  const supervised = superviseChild({
    name: 'signer',
    start: () => {
      // Opened anew for each start: a descriptor has one read position, shared with the child.
      const inheritFds = [held, ...launch.secrets].map((secret) => secret.open());
      try {
        return spawnConfined({
          name: 'signer',
          script: join(REPOSITORY, 'apps/signer/src/main.ts'),
          args: [home, String(FIRST_FD), ...standIns, ...launch.args(FIRST_FD + 1), ...longest],
          folder: home,
          sqlite: 'denied',
          opens: launch.opens,
          environment: launch.environment,
          readPaths: sourcePaths(launch.libraries),
          inheritFds,
          onLogLine: (line) => {
            lastWords = line;
            say(line);
          },
        });
      } finally {
        for (const fd of inheritFds) closeSync(fd);
      }
    },
    onExit: ({ code, signal }) => say(`The signer ended (${code ?? signal}); it is restarted.`),
  });
  return Object.defineProperty(supervised, 'lastWords', {
    get: () => lastWords,
  }) as ConfinedSigner;
}

function sourcePaths(libraries: readonly string[]): string[] {
  return [
    join(REPOSITORY, 'package.json'),
    join(REPOSITORY, 'apps/signer'),
    ...ROOMS.flatMap((room) => [
      join(REPOSITORY, 'packages', room),
      join(REPOSITORY, 'node_modules/@countersign', room),
    ]),
    ...[...LIBRARIES, ...libraries].map((library) => join(REPOSITORY, 'node_modules', library)),
  ];
}

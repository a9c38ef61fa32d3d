// Two ways to the same log: opened in this process, and the notary process over its pipe, confined
// as the server confines it.

import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnConfined } from '@countersign/pipe';
import { createNotaryClient, openLog, type TransparencyLog } from '@countersign/transparency';
import { systemClock, systemRandom } from '@countersign/vocabulary';

export interface Appender {
  append(entry: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

const REPOSITORY = join(import.meta.dirname, '../../..');
const ORIGIN = 'bench.example/log';
const PASSPHRASE = 'a passphrase for the benchmark only';

/** The log as a notary's process opens it, whose disk threads apps/notary sets the same way. */
export function openBenchLog(folder: string): Promise<TransparencyLog> {
  process.env['UV_THREADPOOL_SIZE'] ??= '16';
  return openLog({
    folder,
    origin: ORIGIN,
    passphrase: Buffer.from(PASSPHRASE),
    clock: systemClock,
    random: systemRandom,
    make: true,
    onFatal: (error) => {
      throw error;
    },
  });
}

export async function openInProcess(folder: string): Promise<Appender> {
  const log = await openBenchLog(folder);
  return {
    append: (entry) => log.append(entry),
    close: () => log.close(),
  };
}

export async function openThroughPipe(folder: string): Promise<Appender> {
  const secret = `${folder}.passphrase`;
  writeFileSync(secret, PASSPHRASE, { mode: 0o600 });
  const fd = openSync(secret, 'r');
  const { client, stop } = spawnConfined({
    name: 'notary',
    script: join(REPOSITORY, 'apps/notary/src/main.ts'),
    args: ['--folder', folder, '--origin', ORIGIN, '--passphrase-fd', '3', '--make'],
    folder,
    readPaths: ['packages', 'apps/notary', 'node_modules/@countersign', 'package.json'].map(
      (path) => join(REPOSITORY, path),
    ),
    inheritFds: [fd],
  });
  closeSync(fd);
  rmSync(secret);
  const notary = createNotaryClient(client);
  await notary.ready();
  return {
    append: (entry) => notary.append(entry),
    close: () => stop(),
  };
}

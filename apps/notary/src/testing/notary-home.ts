// Starts the real notary for tests: its own process, confined, in a temporary folder.

import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfinedChild, spawnConfined } from '@countersign/pipe';
import { createNotaryClient, LOCK_FILE, type NotaryClient } from '@countersign/transparency';

const REPOSITORY = join(import.meta.dirname, '../../../..');
const ROOMS = ['vocabulary', 'verifier', 'pipe', 'transparency'];

export const TEST_ORIGIN = 'localhost:4600/log';

export interface RunningNotary extends ConfinedChild {
  notary: NotaryClient;
  /** What it wrote to stderr. */
  lines: string[];
}

/** A folder for one log, in which the notary may be started again and again. */
export class NotaryHome {
  readonly #root = mkdtempSync(join(tmpdir(), 'countersign-notary-'));
  readonly folder = join(this.#root, 'notary');
  readonly #passphrase = join(this.#root, 'passphrase');

  constructor() {
    mkdirSync(this.folder);
    this.writePassphrase('correct horse battery staple\n');
  }

  writePassphrase(text: string): void {
    writeFileSync(this.#passphrase, text, { mode: 0o600 });
  }

  start(args: string[] = ['--make']): RunningNotary {
    const fd = openSync(this.#passphrase, 'r');
    const lines: string[] = [];
    const confined = spawnConfined({
      name: 'notary',
      script: join(import.meta.dirname, '../main.ts'),
      args: ['--folder', this.folder, '--origin', TEST_ORIGIN, '--passphrase-fd', '3', ...args],
      folder: this.folder,
      lockFile: join(this.folder, LOCK_FILE),
      readPaths: [
        join(REPOSITORY, 'package.json'),
        join(REPOSITORY, 'apps/notary'),
        ...ROOMS.flatMap((room) => [
          join(REPOSITORY, 'packages', room),
          join(REPOSITORY, 'node_modules/@countersign', room),
        ]),
      ],
      inheritFds: [fd],
      // A busy machine starts it slowly; no test is about that.
      timeoutMs: 60_000,
      onLogLine: (line) => lines.push(line),
    });
    closeSync(fd);
    return { ...confined, notary: createNotaryClient(confined.client), lines };
  }

  delete(): void {
    rmSync(this.#root, { recursive: true });
  }
}

// A notary on "another host": the real remote door on a port of its own, with certificates of an
// authority made for the occasion, which can go away and come back at the same address.

import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killProgram, startUntilLine } from './start-until-line.ts';

const NOTARY = join(import.meta.dirname, '../../apps/notary');
export const REMOTE_ORIGIN = 'second.example/log';

export class RemoteNotary {
  readonly #folder = mkdtempSync(join(tmpdir(), 'countersign-remote-e2e-'));
  readonly #fingerprint: string;
  #process: ChildProcess | undefined;
  #ports: { listen: number; public: number } | undefined;

  constructor() {
    mkdirSync(join(this.#folder, 'log'));
    writeFileSync(join(this.#folder, 'passphrase'), 'correct horse battery staple\n');
    const certificates = join(this.#folder, 'tls');
    const made = execFileSync(
      join(NOTARY, 'bin/make-certificates.sh'),
      [certificates, 'localhost', 'issuer'],
      { encoding: 'utf8' },
    );
    this.#fingerprint = made.trim().split(' ')[1] ?? '';
    process.once('exit', () => this.#process?.kill('SIGKILL'));
  }

  /** What a house needs in its environment to use it. */
  get environment(): Record<string, string> {
    if (this.#ports === undefined) throw new Error('the remote notary was not started');
    return {
      COUNTERSIGN_SECOND_LOG: `tls://localhost:${this.#ports.listen}`,
      COUNTERSIGN_SECOND_LOG_TLS: join(this.#folder, 'tls/issuer'),
      COUNTERSIGN_SECOND_LOG_URL: `http://localhost:${this.#ports.public}/log`,
    };
  }

  async start(): Promise<void> {
    const first = this.#ports === undefined;
    const { listen, public: shown } = this.#ports ?? { listen: 0, public: 0 };
    const { process: child, line } = await startUntilLine([
      join(NOTARY, 'src/remote.ts'),
      ...['--folder', join(this.#folder, 'log'), '--origin', REMOTE_ORIGIN],
      ...['--passphrase-file', join(this.#folder, 'passphrase')],
      ...['--tls', join(this.#folder, 'tls/server'), '--allow', this.#fingerprint],
      ...['--listen', `localhost:${listen}`, '--public', `localhost:${shown}`],
      ...(first ? ['--make'] : []),
    ]);
    this.#process = child;
    this.#ports = JSON.parse(line) as { listen: number; public: number };
  }

  async kill(): Promise<void> {
    await killProgram(this.#process);
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

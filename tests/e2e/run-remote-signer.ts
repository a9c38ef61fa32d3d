// A signer on "another host": the real remote door on a port of its own, with certificates of an
// authority made for the occasion, which can go away and come back at the same address.

import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTlsIdentity, type TlsIdentity } from '@countersign/pipe';
import { killProgram, startUntilLine } from './start-until-line.ts';

const APPS = join(import.meta.dirname, '../../apps');

export class RemoteSigner {
  /** Of the keys and their journal, on that host. */
  readonly folder: string;
  readonly #root = mkdtempSync(join(tmpdir(), 'countersign-remote-signer-'));
  readonly #fingerprint: string;
  #process: ChildProcess | undefined;
  #port = 0;

  constructor() {
    this.folder = join(this.#root, 'signer');
    writeFileSync(join(this.#root, 'passphrase'), 'correct horse battery staple\n');
    const made = execFileSync(
      join(APPS, 'notary/bin/make-certificates.sh'),
      [join(this.#root, 'tls'), 'localhost', 'issuer', 'stranger'],
      { encoding: 'utf8' },
    );
    this.#fingerprint = /^issuer ([0-9a-f]{64})$/m.exec(made)?.[1] ?? '';
    process.once('exit', () => this.#process?.kill('SIGKILL'));
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    if (this.#process?.pid === undefined) throw new Error('the remote signer was not started');
    return this.#process.pid;
  }

  /** What a house needs in its environment to use it, as its first or its second signer. */
  environment(as: 'SIGNER' | 'SECOND_SIGNER'): Record<string, string> {
    return {
      [`COUNTERSIGN_${as}`]: `tls://localhost:${this.#port}`,
      [`COUNTERSIGN_${as}_TLS`]: join(this.#root, 'tls/issuer'),
    };
  }

  identity(who: 'issuer' | 'stranger'): TlsIdentity {
    const folder = join(this.#root, 'tls', who);
    return readTlsIdentity({
      certificate: join(folder, 'certificate.pem'),
      key: join(folder, 'key.pem'),
      authority: join(folder, 'authority.pem'),
    });
  }

  async start(): Promise<void> {
    const { process: child, line } = await startUntilLine([
      join(APPS, 'signer/src/remote.ts'),
      ...['--folder', this.folder, '--passphrase-file', join(this.#root, 'passphrase')],
      ...['--tls', join(this.#root, 'tls/server'), '--allow', this.#fingerprint],
      ...['--listen', `localhost:${this.#port}`],
    ]);
    this.#process = child;
    this.#port = (JSON.parse(line) as { listen: number }).listen;
  }

  async kill(): Promise<void> {
    await killProgram(this.#process);
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

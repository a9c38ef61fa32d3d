// Starts the real remote notary for tests, with certificates of an authority made on the spot.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connectTls, readTlsIdentity, type TlsIdentity, type TlsPeer } from '@countersign/pipe';

const MAIN = join(import.meta.dirname, '../remote.ts');
const MAKE_CERTIFICATES = join(import.meta.dirname, '../../bin/make-certificates.sh');
export const REMOTE_ORIGIN = 'second.example/log';

export interface RunningRemote {
  child: ChildProcess;
  listen: number;
  public: number;
  lines: string[];
  stop(): Promise<void>;
}

export class RemoteHome {
  readonly #root = mkdtempSync(join(tmpdir(), 'countersign-remote-'));
  readonly folder = join(this.#root, 'log');
  readonly certificates = join(this.#root, 'tls');
  readonly #fingerprint: string;
  readonly #running = new Set<ChildProcess>();

  constructor() {
    mkdirSync(this.folder);
    writeFileSync(join(this.#root, 'passphrase'), 'correct horse battery staple\n');
    const made = execFileSync(
      MAKE_CERTIFICATES,
      [this.certificates, 'localhost', 'issuer', 'stranger'],
      { encoding: 'utf8' },
    );
    this.#fingerprint = /^issuer ([0-9a-f]{64})$/m.exec(made)?.[1] ?? '';
  }

  identity(who: string): TlsIdentity {
    return readTlsIdentity({
      certificate: join(this.certificates, who, 'certificate.pem'),
      key: join(this.certificates, who, 'key.pem'),
      authority: join(this.certificates, who, 'authority.pem'),
    });
  }

  /** @throws Error with what it said when it does not start */
  async start(more: string[] = ['--make'], port = 0): Promise<RunningRemote> {
    const child = spawn(process.execPath, [
      MAIN,
      ...['--folder', this.folder, '--origin', REMOTE_ORIGIN],
      ...['--passphrase-file', join(this.#root, 'passphrase')],
      ...['--listen', `127.0.0.1:${port}`, '--public', '127.0.0.1:0'],
      ...['--tls', join(this.certificates, 'server'), '--allow', this.#fingerprint, ...more],
    ]);
    this.#running.add(child);
    const lines: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
    const ready = createInterface({ input: child.stdout });
    const [line] = (await Promise.race([once(ready, 'line'), once(child, 'exit')])) as unknown[];
    if (typeof line !== 'string') throw new Error(lines.join('\n'));
    return {
      ...{ child, lines, ...(JSON.parse(line) as { listen: number; public: number }) },
      stop: async () => {
        child.kill('SIGTERM');
        if (child.exitCode === null) await once(child, 'exit');
      },
    };
  }

  connect(port: number, who = 'issuer'): TlsPeer {
    return connectTls({
      ...{ host: '127.0.0.1', serverName: 'localhost', port, minPauseMs: 10 },
      identity: this.identity(who),
    });
  }

  delete(): void {
    for (const child of this.#running) if (child.exitCode === null) child.kill('SIGKILL');
    rmSync(this.#root, { recursive: true });
  }
}

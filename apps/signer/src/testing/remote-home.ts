// Starts the real remote signer for tests, with certificates of an authority made on the spot, and a
// way to it that can be cut.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connectTls, readTlsIdentity, type TlsPeer } from '@countersign/pipe';
import { PASSPHRASE } from './start-signer.ts';

const MAIN = join(import.meta.dirname, '../remote.ts');
const MAKE_CERTIFICATES = join(import.meta.dirname, '../../../notary/bin/make-certificates.sh');

export interface RunningRemote {
  child: ChildProcess;
  listen: number;
  lines: string[];
  stop(): Promise<void>;
}

export class RemoteHome {
  readonly root = mkdtempSync(join(tmpdir(), 'countersign-remote-'));
  readonly folder = join(this.root, 'signer');
  readonly secret = join(this.root, 'passphrase');
  /** Of the certificate that may ask. */
  readonly fingerprint: string;
  readonly #running = new Set<ChildProcess>();

  constructor() {
    writeFileSync(this.secret, `${PASSPHRASE}\n`);
    const made = execFileSync(
      MAKE_CERTIFICATES,
      [join(this.root, 'tls'), 'localhost', 'issuer', 'stranger'],
      { encoding: 'utf8' },
    );
    this.fingerprint = /^issuer ([0-9a-f]{64})$/m.exec(made)?.[1] ?? '';
  }

  /** @throws Error with what it said when it does not start */
  async start(port = 0, more: readonly string[] = []): Promise<RunningRemote> {
    const child = spawn(process.execPath, [
      MAIN,
      ...['--folder', this.folder, '--passphrase-file', this.secret],
      ...['--listen', `127.0.0.1:${port}`],
      ...['--tls', join(this.root, 'tls/server'), '--allow', this.fingerprint],
      ...more,
    ]);
    this.#running.add(child);
    const lines: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
    const ready = createInterface({ input: child.stdout });
    const [line] = (await Promise.race([once(ready, 'line'), once(child, 'close')])) as unknown[];
    if (typeof line !== 'string') throw new Error(lines.join('\n'));
    return {
      ...{ child, lines, ...(JSON.parse(line) as { listen: number }) },
      stop: async () => {
        child.kill('SIGTERM');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      },
    };
  }

  connect(port: number, who = 'issuer'): TlsPeer {
    const folder = join(this.root, 'tls', who);
    return connectTls({
      ...{ host: '127.0.0.1', serverName: 'localhost', port, minPauseMs: 10 },
      identity: readTlsIdentity({
        certificate: join(folder, 'certificate.pem'),
        key: join(folder, 'key.pem'),
        authority: join(folder, 'authority.pem'),
      }),
    });
  }

  delete(): void {
    for (const child of this.#running) child.kill('SIGKILL');
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Process id of the confined signer below a remote door. */
export function confinedPid({ child }: RunningRemote): number {
  const found = readdirSync('/proc').find((pid) => isChildOf(pid, child.pid ?? -1));
  if (found === undefined) throw new Error('the door has no child');
  return Number(found);
}

function isChildOf(pid: string, parent: number): boolean {
  if (!/^\d+$/.test(pid)) return false;
  try {
    const status = readFileSync(join('/proc', pid, 'status'), 'utf8');
    return new RegExp(`^PPid:\\t${parent}$`, 'm').test(status);
  } catch {
    return false; // it ended while we looked
  }
}

/** Carries bytes to a port until it is told to cut every connection. */
export class CuttableWay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(to: number) {
    this.#server = createServer((near) => {
      const far = connect(to, '127.0.0.1');
      for (const [from, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('data', (chunk) => other.write(chunk));
        from.on('error', () => other.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          other.destroy();
        });
      }
    });
  }

  async open(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}

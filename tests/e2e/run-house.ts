// A whole Countersign for a test: the real server process with its real children, in a folder and
// on a port of its own, gone without a trace afterwards.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface DemoPerson {
  username: string;
  password: string;
}

export interface House {
  readonly url: string;
  readonly data: string;
  readonly operatorToken: string;
  readonly output: string[];
  readonly process: ChildProcess;
  /** Starts it again on the same folder and port, after `kill` or `stop`. */
  start(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: as a power cut would, as far as a process can tell. */
  kill(): Promise<void>;
  /** Process ids of the signer and the notary, read from the process table. */
  childPid(name: 'signer' | 'notary'): number | undefined;
  api(path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  secretFile(name: string): string;
  remove(): Promise<void>;
}

const REPOSITORY = join(import.meta.dirname, '../..');
const READY_MS = 30_000;

export async function runHouse(environment: Record<string, string> = {}): Promise<House> {
  const house = new RunningHouse(
    await freePort(),
    mkdtempSync(join(tmpdir(), 'countersign-e2e-')),
    environment,
  );
  await house.start();
  return house;
}

class RunningHouse implements House {
  readonly url: string;
  readonly data: string;
  readonly output: string[] = [];
  readonly #environment: Record<string, string>;
  #process: ChildProcess | undefined;

  constructor(port: number, data: string, environment: Record<string, string>) {
    this.url = `http://localhost:${port}`;
    this.data = data;
    this.#environment = environment;
  }

  get process(): ChildProcess {
    if (this.#process === undefined) throw new Error('the house was not started');
    return this.#process;
  }

  get operatorToken(): string {
    return this.secretFile('operator-token').trim();
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [join(REPOSITORY, 'apps/server/src/main.ts')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.data,
      env: {
        PATH: process.env['PATH'] ?? '',
        COUNTERSIGN_DATA: this.data,
        COUNTERSIGN_URL: this.url,
        ...this.#environment,
      },
    });
    this.#process = child;
    child.stderr?.on('data', (chunk: Buffer) => this.#keep(chunk.toString()));
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`not ready in time:\n${this.output.join('')}`)),
        READY_MS,
      );
      child.once('exit', (code, signal) => {
        clearTimeout(late);
        reject(
          new Error(`ended with ${code ?? signal} before it was ready:\n${this.output.join('')}`),
        );
      });
      child.stdout?.on('data', (chunk: Buffer) => {
        this.#keep(chunk.toString());
        if (!/\bready\b/.test(chunk.toString())) return;
        clearTimeout(late);
        resolve();
      });
    });
  }

  /** The last output is enough to understand a failure; a long test must not fill the memory. */
  #keep(text: string): void {
    this.output.push(text);
    if (this.output.length > 400) this.output.shift();
  }

  stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.process;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = new Promise<number | null>((resolve) =>
      child.once('exit', (code) => resolve(code)),
    );
    child.kill(signal);
    return await ended;
  }

  childPid(name: 'signer' | 'notary'): number | undefined {
    const script = `apps/${name}/src/main.ts`;
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      const commandLine = readIfThere(`/proc/${entry}/cmdline`);
      if (commandLine.includes(script) && commandLine.includes(this.data)) return Number(entry);
    }
    return undefined;
  }

  async api(
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const headers = {
      authorization: `Bearer ${this.operatorToken}`,
      'content-type': 'application/json',
    };
    const response = await fetch(
      `${this.url}/api/v1${path}`,
      body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) },
    );
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  secretFile(name: string): string {
    return readFileSync(join(this.data, 'secrets', name), 'utf8');
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** A process may be gone between the listing and the look. */
function readIfThere(path: string): string {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      (error.code === 'ESRCH' || error.code === 'ENOENT')
    )
      return '';
    throw error;
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

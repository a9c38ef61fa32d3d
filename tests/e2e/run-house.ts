// A whole Countersign for a test: the real server process with its real children, in a folder and
// on a port of its own, gone without a trace afterwards.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { claimPort } from '../../scenarios/src/stage/claim-port.ts';
import { compiledSources } from '../../scenarios/src/stage/compiled-sources.ts';

/** What the first start drew for the demo tenant: DATA/secrets/demo.json. */
export interface Demo {
  people: { realm: string; username: string; password: string }[];
  clients: { realm: string; clientId: string; secret?: string }[];
  resource: { identifier: string };
}

export interface ApiAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

export interface House {
  readonly url: string;
  readonly data: string;
  readonly operatorToken: string;
  readonly demo: Demo;
  /** The last lines of stdout and stderr. */
  readonly output: string[];
  readonly process: ChildProcess;
  /** Starts it again on the same folder and port, after `kill` or `stop`. */
  start(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: as a power cut would, as far as a process can tell. */
  kill(): Promise<void>;
  /** Process ids of the confined children, read from the process table. */
  childPid(name: 'signer' | 'notary' | 'archivist'): number | undefined;
  /** Resolves once `/readyz` says so. @throws Error after `withinMs` */
  untilReady(withinMs?: number): Promise<void>;
  /** As the operator; a body makes it a POST. */
  api(path: string, body?: unknown): Promise<ApiAnswer>;
  /** The same, for a call that must succeed. */
  operate(path: string, body?: unknown): Promise<Record<string, unknown>>;
  secretFile(name: string): string;
  remove(): Promise<void>;
}

const REPOSITORY = join(import.meta.dirname, '../..');
const READY_MS = 90_000;

export interface HouseOptions {
  environment?: Record<string, string>;
  /** Gives the data folder a disk of its own, of so many MiB, that only the house can see. */
  diskMiB?: number;
  /** Handed on as descriptor 3, through a pipe, at each start of the server. */
  secret?: string;
  /** Fills the data folder before the first start. */
  prepare?(data: string, url: string): Promise<void>;
}

export async function runHouse(options: HouseOptions = {}): Promise<House> {
  const data = mkdtempSync(join(tmpdir(), 'countersign-e2e-'));
  const house = new RunningHouse(await claimPort(), data, options);
  // Whatever ends the test, the server ends with it, and its children with the server.
  process.once('exit', () => house.abandon());
  try {
    await options.prepare?.(data, house.url);
    await house.start();
  } catch (error) {
    house.abandon();
    throw error;
  }
  return house;
}

class RunningHouse implements House {
  readonly url: string;
  readonly output: string[] = [];
  readonly #folder: string;
  readonly #options: HouseOptions;
  #process: ChildProcess | undefined;

  constructor(port: number, data: string, options: HouseOptions) {
    this.url = `http://localhost:${port}`;
    this.#folder = data;
    this.#options = options;
  }

  get data(): string {
    // A disk of the house's own is seen through the process that has it.
    const ownDisk = this.#options.diskMiB !== undefined && this.#process !== undefined;
    return ownDisk ? `/proc/${this.process.pid}/root${this.#folder}` : this.#folder;
  }

  get process(): ChildProcess {
    if (this.#process === undefined) throw new Error('the house was not started');
    return this.#process;
  }

  get operatorToken(): string {
    return this.secretFile('operator-token').trim();
  }

  get demo(): Demo {
    return JSON.parse(this.secretFile('demo.json')) as Demo;
  }

  async start(): Promise<void> {
    const { diskMiB, environment = {}, secret } = this.#options;
    const script = join(REPOSITORY, 'apps/server/src/main.ts');
    const wrapper = diskMiB === undefined ? [] : ownDisk(this.#folder, diskMiB);
    const [command = '', ...args] = [...wrapper, process.execPath, script];
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe', ...(secret === undefined ? [] : ['pipe' as const])],
      cwd: this.#folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        ...compiledSources(),
        COUNTERSIGN_DATA: this.#folder,
        COUNTERSIGN_URL: this.url,
        ...environment,
      },
    });
    this.#process = child;
    (child.stdio[3] as Writable | undefined)?.end(secret);
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

  childPid(name: 'signer' | 'notary' | 'archivist'): number | undefined {
    const script = `apps/${name}/src/main.ts`;
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      const commandLine = readIfThere(`/proc/${entry}/cmdline`);
      if (commandLine.includes(script) && commandLine.includes(this.#folder)) return Number(entry);
    }
    return undefined;
  }

  async untilReady(withinMs = 60_000): Promise<void> {
    const deadlineMs = performance.now() + withinMs;
    for (let last = 'nothing'; ; ) {
      try {
        const answer = await fetch(`${this.url}/readyz`);
        last = await answer.text();
        if (answer.ok) return;
      } catch (error) {
        last = String(error);
      }
      if (performance.now() > deadlineMs) throw new Error(`Not ready in time: ${last}`);
      await sleep(20);
    }
  }

  async api(path: string, body?: unknown): Promise<ApiAnswer> {
    const headers = {
      authorization: `Bearer ${this.operatorToken}`,
      'content-type': 'application/json',
    };
    const response = await fetch(
      `${this.url}/api/v1${path}`,
      body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) },
    );
    const answer = (await response.json()) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, body: answer };
  }

  async operate(path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await this.api(path, body);
    if (answer.status >= 300) {
      throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }

  secretFile(name: string): string {
    return readFileSync(join(this.data, 'secrets', name), 'utf8');
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  abandon(): void {
    this.#process?.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Mounts, then becomes the command: the mount is private and goes with the last process. */
function ownDisk(folder: string, sizeMiB: number): string[] {
  const script = `mount -t tmpfs -o size=${sizeMiB}m tmpfs "$0" && exec "$@"`;
  return ['unshare', '--map-root-user', '--mount', 'sh', '-c', script, folder];
}

/** Why a house cannot have a disk of its own here: mounting needs rights; false when it can. */
export function whyNoOwnDisk(): string | false {
  const [command = '', ...args] = [...ownDisk('/mnt', 1), 'true'];
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? false : `nothing can be mounted here: ${error?.message ?? stderr.trim()}`;
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

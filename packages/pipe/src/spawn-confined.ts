// Starts a child that can touch nothing but its own folder: Node's permission model for network,
// processes, workers, addons and files; the operating system for core dumps; an empty environment.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { connectPipe, type PipeClient } from './pipe-client.ts';

export interface ConfinedOptions {
  /** For log lines: `signer`, `notary`. */
  name: string;
  /** Absolute path of the script that the child runs. */
  script: string;
  args?: string[];
  /** The only folder it may write, which it may also read. */
  folder: string;
  /** Source the child must load: files or folders, absolute. */
  readPaths: string[];
  /** Open descriptors handed on as 3, 4, …: how a secret travels without name or copy. */
  inheritFds?: number[];
  timeoutMs?: number;
  /** Default `allowed`. */
  sqlite?: SqliteUse;
  /** Each line the child writes to stderr. Default: to our own stderr, with its name. */
  onLogLine?: (line: string) => void;
}

export interface ConfinedChild {
  readonly child: ChildProcess;
  readonly client: PipeClient;
  /** Closes its stdin, which makes it leave, and waits; after `graceMs` it is killed. */
  stop(graceMs?: number): Promise<void>;
}

// Core size 0 and an empty dump filter: where cores are piped to a handler the size limit is not
// enforced (core(5)), but with no mapping selected there is nothing to write.
const NO_CORE = 'ulimit -c 0 && echo 0 > /proc/self/coredump_filter && exec "$@"';

/**
 * The permission model does not bind node:sqlite, which opens any file its user may open: a child
 * that does not need it (the notary's lock does) goes without.
 */
export type SqliteUse = 'allowed' | 'denied';

/** The flags that confine a Node process to `folder`; exported for the tests that probe them. */
export function confinementFlags(
  folder: string,
  readPaths: string[],
  sqlite: SqliteUse = 'allowed',
): string[] {
  return [
    '--permission',
    ...[folder, ...readPaths].map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${folder}`,
    '--no-addons',
    '--disable-sigusr1',
    '--disallow-code-generation-from-strings',
    '--disable-proto=delete',
    ...(sqlite === 'allowed' ? [] : ['--no-experimental-sqlite']),
  ];
}

export function spawnConfined(options: ConfinedOptions): ConfinedChild {
  const { name, script, folder, readPaths, args = [], inheritFds = [] } = options;
  const node = [
    process.execPath,
    ...confinementFlags(folder, readPaths, options.sqlite),
    script,
    ...args,
  ];
  const child = spawn('/bin/sh', ['-c', NO_CORE, 'sh', ...node], {
    stdio: ['pipe', 'pipe', 'pipe', ...inheritFds],
    env: {},
    cwd: folder,
  });
  const [stdin, stdout, stderr] = child.stdio as unknown as [Writable, Readable, Readable];
  const onLogLine =
    options.onLogLine ?? ((line: string) => process.stderr.write(`${name}: ${line}\n`));
  createInterface({ input: stderr }).on('line', onLogLine);
  // A failed spawn also closes the streams, which fails the client; without a listener it would
  // end our own process.
  child.on('error', (error) => onLogLine(`could not start: ${error.message}`));
  const client = connectPipe({
    readable: stdout,
    writable: stdin,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  return { child, client, stop: (graceMs = 5000) => stopChild(child, client, graceMs) };
}

async function stopChild(child: ChildProcess, client: PipeClient, graceMs: number): Promise<void> {
  client.close();
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(killer);
}

// Starts a child that can touch nothing but its own folder: Node's permission model for network,
// processes, workers, addons and files; the operating system for core dumps; an empty environment.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
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
  /** What of the cage is open, because the child cannot do its job without. Default nothing. */
  opens?: CageOpenings;
  /** The only variables a child may be given: a library that it loads reads them, and no secret. */
  environment?: { SOFTHSM2_CONF?: string };
  /**
   * A file that the kernel locks as long as the child lives: a second child with the same file waits
   * two seconds and ends. Where it is locked, the child does without SQLite, whatever `sqlite` says;
   * where flock(1) is missing, it is not locked, and the child must see to it itself.
   */
  lockFile?: string;
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
const NO_CORE = 'ulimit -c 0 && echo 0 > /proc/self/coredump_filter';
/** Where the child finds the descriptor of its locked file. */
export const LOCK_DESCRIPTOR = 9;
/** Of 0.1 s each: a predecessor may need two seconds to leave. */
const MOST_LOCK_TRIES = 20;
// The lock belongs to the open descriptor, which `exec` hands on: it goes with the child, however
// that ends, and no stale file ever has to be judged. Asked again and again, because `-w` is not
// known to the flock of BusyBox (Alpine).
const TRY_LOCK = `tries=0; until flock -n ${LOCK_DESCRIPTOR}; do tries=$((tries + 1)); [ "$tries" -lt ${MOST_LOCK_TRIES} ] || { echo "The $2 did not start. log_locked: Another process writes this log; only one may." >&2; exit 1; }; sleep 0.1; done`;
/** Exported for the test of a system's own flock(1). */
export const LOCKED = `exec ${LOCK_DESCRIPTOR}>>"$1" && { ${TRY_LOCK}; } && shift 2`;
const FLOCK_PATHS = ['/usr/bin/flock', '/bin/flock', '/usr/local/bin/flock'];

/**
 * The permission model does not bind node:sqlite, which opens any file its user may open: a child
 * that does not need it goes without.
 */
export type SqliteUse = 'allowed' | 'denied';

/**
 * Doors in the cage. With addons the process can run code that no permission model binds: only for
 * a child that must load one, and from what it may read.
 */
export interface CageOpenings {
  addons?: boolean;
  network?: boolean;
}

/** The flags that confine a Node process to `folder`; exported for the tests that probe them. */
export function confinementFlags(
  folder: string,
  readPaths: string[],
  sqlite: SqliteUse = 'allowed',
  opens: CageOpenings = {},
): string[] {
  return [
    '--permission',
    ...[folder, ...readPaths].map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${folder}`,
    opens.addons === true ? '--allow-addons' : '--no-addons',
    ...(opens.network === true ? ['--allow-net'] : []),
    '--disable-sigusr1',
    '--disallow-code-generation-from-strings',
    '--disable-proto=delete',
    ...(sqlite === 'allowed' ? [] : ['--no-experimental-sqlite']),
  ];
}

export function spawnConfined(options: ConfinedOptions): ConfinedChild {
  const { name, script, folder, readPaths, args = [], inheritFds = [] } = options;
  const lock = FLOCK_PATHS.some((path) => existsSync(path)) ? options.lockFile : undefined;
  const sqlite = lock === undefined ? options.sqlite : 'denied';
  const flags = confinementFlags(folder, readPaths, sqlite, options.opens);
  const node = [process.execPath, ...flags, script, ...args];
  const locking = lock === undefined ? [] : [lock, name];
  const steps = [NO_CORE, ...(lock === undefined ? [] : [LOCKED]), 'exec "$@"'].join(' && ');
  const child = spawn('/bin/sh', ['-c', steps, 'sh', ...locking, ...node], {
    stdio: ['pipe', 'pipe', 'pipe', ...inheritFds],
    env: { ...options.environment },
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

// Starts the real server as a process of its own in a temporary folder, and leaves nothing behind:
// no process, no folder, whatever ends the scenario.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { claimPort } from './claim-port.ts';

export interface StageServer {
  /** Base URL without a trailing slash. */
  url: string;
  /** Its data folder: what a thief who is on the machine finds. */
  data: string;
  /** A file below the data folder, as text without the line end. */
  secret(name: string): string;
  /** Of the server itself; the signer and the notary are its children. */
  pid: number;
  /** Milliseconds from start to ready. */
  readyMs: number;
  stop(): Promise<void>;
}

const SERVER = join(import.meta.dirname, '../../../apps/server/src/main.ts');
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;
const LONGEST_COMPLAINT = 4000;

/**
 * @param prepare fills the data folder before the server sees it for the first time
 * @param settings further `COUNTERSIGN_*`, as an installation would set them
 */
export async function startServer(
  prepare: (data: string, url: string) => Promise<void> | void = () => {},
  settings: Readonly<Record<string, string>> = {},
): Promise<StageServer> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-scenario-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  const data = join(folder, 'data');
  const url = `http://localhost:${await claimPort()}`;
  await prepare(data, url);
  const startedMs = performance.now();
  const child = spawn(process.execPath, [SERVER], {
    cwd: folder,
    env: { ...strangerEnvironment(), ...settings, COUNTERSIGN_DATA: data, COUNTERSIGN_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  const stop = async (): Promise<void> => {
    await endChild(child);
    process.off('exit', killNow);
    removeFolder();
  };
  try {
    await waitUntilReady(child, url);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    data,
    pid: child.pid ?? 0,
    secret: (name) => readFileSync(join(data, 'secrets', name), 'utf8').trim(),
    readyMs: Math.round(performance.now() - startedMs),
    stop,
  };
}

/** Our own settings must not leak into the server on the stage. */
function strangerEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('COUNTERSIGN_')),
  );
}

async function waitUntilReady(child: ChildProcess, url: string): Promise<void> {
  let complaint = '';
  const keep = (text: Buffer): void => {
    complaint = (complaint + text.toString('utf8')).slice(-LONGEST_COMPLAINT);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = error.message;
  });
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadlineMs) {
    if (child.exitCode !== null || child.signalCode !== null) failure ??= 'it ended';
    if (failure !== undefined)
      throw new Error(`The server did not start: ${failure}.\n${complaint}`);
    if (await isReady(url)) return;
    await sleep(50);
  }
  throw new Error(`The server was not ready in ${READY_WITHIN_MS / 1000} s.\n${complaint}`);
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Not listening yet; the caller looks again until its deadline.
    return false;
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(impatience);
}

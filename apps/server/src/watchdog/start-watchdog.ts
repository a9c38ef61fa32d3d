// Starts the watchdog beside the server and keeps it alive: confined to its own folder, with the network
// and without a process, an addon or our environment. It writes alarms to a file, so that it needs
// nobody to hear them; `record-alarms.ts` puts them on record.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { confinementFlags } from '@countersign/pipe';
import type { Logger } from 'pino';

export interface WatchdogPlan {
  folder: string;
  house: string;
  base: string;
  viewUrl: string;
  credential: string;
  logs: { key: string; url: string }[];
  everyMs: number;
  webhook?: string;
}

export interface StartedWatchdog {
  readonly pid: number | undefined;
  /** Tells it that the house ends in good order, and waits for it. */
  stop(): Promise<void>;
}

const REPOSITORY = join(import.meta.dirname, '../../../..');
const ROOMS = ['vocabulary', 'verifier', 'watchers'];
const RESTART_MS = 1000;
const LONGEST_RESTART_MS = 60_000;
const HEALTHY_MS = 60_000;
/** A last alarm may be on its way to a webhook. */
const GRACE_MS = 8000;
/** Looks that it may miss before it is taken for frozen. */
const MISSED_LOOKS = 6;
const SHORTEST_PATIENCE_MS = 60_000;

export function startWatchdog(plan: WatchdogPlan, log: Logger): StartedWatchdog {
  mkdirSync(plan.folder, { recursive: true, mode: 0o700 });
  let child: ChildProcess | undefined;
  let restart: NodeJS.Timeout | undefined;
  let pauseMs = RESTART_MS;
  let stopped = false;
  let startedMs = 0;
  const start = (): void => {
    startedMs = performance.now();
    const started = spawnWatchdog(plan);
    child = started;
    let ended = false;
    const onEnd = (code: number | null, signal: string | null): void => {
      if (ended || stopped) return;
      ended = true;
      if (performance.now() - startedMs > HEALTHY_MS) pauseMs = RESTART_MS;
      log.error({ code, signal }, 'the watchdog ended and is being started again');
      restart = setTimeout(start, pauseMs);
      restart.unref();
      pauseMs = Math.min(pauseMs * 2, LONGEST_RESTART_MS);
    };
    started.once('exit', onEnd);
    started.once('error', () => onEnd(null, null));
  };
  const patienceMs = Math.max(SHORTEST_PATIENCE_MS, MISSED_LOOKS * plan.everyMs);
  // It watches the house, and the house watches it: one that stands still is started anew.
  const watching = setInterval(() => {
    if (performance.now() - startedMs < patienceMs || isAlive(plan.folder, patienceMs)) return;
    log.error('the watchdog stands still and is being started again');
    child?.kill('SIGKILL');
    startedMs = performance.now();
  }, patienceMs / 2);
  watching.unref();
  start();
  return {
    get pid() {
      return child?.pid;
    },
    stop: async () => {
      stopped = true;
      clearInterval(watching);
      clearTimeout(restart);
      if (child !== undefined) await dismiss(child);
    },
  };
}

function spawnWatchdog(plan: WatchdogPlan): ChildProcess {
  const readPaths = [
    join(REPOSITORY, 'package.json'),
    join(REPOSITORY, 'apps/watchdog'),
    ...ROOMS.flatMap((room) => [
      join(REPOSITORY, 'packages', room),
      join(REPOSITORY, 'node_modules/@countersign', room),
    ]),
  ];
  const flags = [
    ...confinementFlags(plan.folder, readPaths),
    '--allow-net',
    '--disable-warning=ExperimentalWarning',
  ];
  const script = join(REPOSITORY, 'apps/watchdog/src/main.ts');
  const child = spawn(process.execPath, [...flags, script, plan.folder], {
    // Its lines go where ours go, past us: we may be what stands still.
    stdio: ['pipe', 'ignore', 'inherit'],
    env: {},
    cwd: plan.folder,
  });
  // It may end before it has read its plan; its exit tells of that.
  child.stdin?.on('error', () => {});
  child.stdin?.write(`${JSON.stringify(plan)}\n`);
  return child;
}

async function dismiss(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.stdin?.end('end\n');
  const killer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await gone;
  clearTimeout(killer);
}

/** Its memory is written anew with each look. */
function isAlive(folder: string, patienceMs: number): boolean {
  const written = statSync(join(folder, 'memory.json'), { throwIfNoEntry: false });
  // Both by the clock of this machine; one that was set back makes it look young, which passes.
  return written !== undefined && Date.now() - written.mtimeMs < patienceMs;
}

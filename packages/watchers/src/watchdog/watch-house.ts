// Puts a watchdog together: monitors of the logs, the eyes, the judge, the alarm file. The same for the
// process that a house starts beside itself and for `countersign keys watch` on another host.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type FetchLike, formatVerifierKey, type NoteKey } from '@countersign/verifier';
import { type Clock, systemClock } from '@countersign/vocabulary';
import { makePrivateFolder } from '../disk/durable-file.ts';
import { holdFolder } from '../disk/hold-folder.ts';
import type { Monitor } from '../monitor/monitor-report.ts';
import { openMonitor } from '../monitor/open-monitor.ts';
import { createLogReader } from '../reader/log-reader.ts';
import type { WatchdogAlarm } from './alarm-book.ts';
import { keepLoggedKeys } from './keep-logged-keys.ts';
import { type JudgeLimits, limitsFor } from './look.ts';
import { type HouseSources, observeHouse } from './observe-house.ts';
import { openWatchdog, type Watchdog, type WatchdogReport } from './open-watchdog.ts';
import { createAlarmTeller } from './tell-alarms.ts';

export interface WatchHouseOptions
  extends Pick<HouseSources, 'viewUrls' | 'credential' | 'issuers' | 'keySetUrl'> {
  /** What the watchdog remembers; made when missing. */
  folder: string;
  /** The server that is watched, as alarms name it. */
  house: string;
  logs: readonly { key: NoteKey; url: string }[];
  /** Time between looks. */
  everyMs: number;
  limits?: Partial<JudgeLimits>;
  /** Default: `alarms.ndjson` in the folder. */
  alarmFile?: string;
  webhook?: string;
  onAlarm(alarm: WatchdogAlarm): void;
  onTrouble(what: string): void;
  clock?: Clock;
  fetch?: FetchLike;
}

export interface HouseWatch {
  readonly alarmFile: string;
  /** One look. */
  look: Watchdog['look'];
  /** The process itself learnt that its house is gone. */
  raiseGone(message: string): Promise<void>;
  /** Looks again and again until the signal; resolves when the last look has ended. */
  watch(signal: AbortSignal, onLook?: (report: WatchdogReport) => void): Promise<void>;
  close(): Promise<void>;
}

const ALARM_FILE = 'alarms.ndjson';
const LONGEST_ASK_MS = 10_000;
const SHORTEST_ASK_MS = 1000;

/** @throws CodedError `folder_locked`, `state_corrupt`, `state_of_other_log`, `folder_not_empty` */
export async function watchHouse(options: WatchHouseOptions): Promise<HouseWatch> {
  const { folder, house, logs, everyMs, onAlarm, onTrouble, webhook } = options;
  const { clock = systemClock, fetch = (url, init) => globalThis.fetch(url, init) } = options;
  const timeoutMs = Math.min(LONGEST_ASK_MS, Math.max(SHORTEST_ASK_MS, everyMs));
  const alarmFile = options.alarmFile ?? join(folder, ALARM_FILE);
  makePrivateFolder(folder);
  const lock = holdFolder(folder);
  const ending = new AbortController();
  const monitors: Monitor[] = [];
  const close = async (): Promise<void> => {
    ending.abort();
    await Promise.all(monitors.map((monitor) => monitor.close()));
    lock.release();
  };
  try {
    const logged = keepLoggedKeys(folder);
    for (const { key, url } of logs) {
      const reader = createLogReader({ url, fetch, timeoutMs, signal: ending.signal });
      const own = join(folder, nameOf(key));
      monitors.push(await openMonitor({ folder: own, key, reader, clock, checks: [logged.check] }));
    }
    const { viewUrls, credential, issuers, keySetUrl } = options;
    const look = observeHouse({
      ...{ viewUrls, keySetUrl, logs: monitors, logged, fetch, clock, timeoutMs },
      ...(credential === undefined ? {} : { credential }),
      ...(issuers === undefined ? {} : { issuers }),
    });
    const teller = createAlarmTeller({
      ...{ file: alarmFile, onAlarm, onTrouble },
      ...(webhook === undefined ? {} : { webhook: { url: webhook, fetch } }),
    });
    const limits = { ...limitsFor(everyMs), ...options.limits };
    const watchdog = openWatchdog({ folder, house, look, teller, limits, clock, onTrouble });
    return {
      alarmFile,
      look: watchdog.look,
      raiseGone: async (message) => {
        const about = { code: 'server_gone', ground: 'process', severity: 'critical' } as const;
        await watchdog.raise({ ...about, message, facts: {}, patienceMs: 0 });
        await teller.settle();
      },
      watch: (signal, onLook) => lookAgain(watchdog, everyMs, signal, onLook),
      close: async () => {
        await teller.settle();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function lookAgain(
  watchdog: Watchdog,
  everyMs: number,
  signal: AbortSignal,
  onLook: (report: WatchdogReport) => void = () => {},
): Promise<void> {
  while (!signal.aborted) {
    const startedMs = performance.now();
    const report = await watchdog.look();
    if (signal.aborted) return;
    onLook(report);
    const leftMs = Math.max(0, everyMs - (performance.now() - startedMs));
    // An aborted wait is a wait that is over.
    await wait(leftMs, undefined, { signal }).catch(() => undefined);
  }
}

function nameOf(key: NoteKey): string {
  const hash = createHash('sha256').update(formatVerifierKey(key)).digest('hex');
  return `log-${hash.slice(0, 16)}`;
}

// The watchdog as the server has it: a process beside ours that looks at us as the world does, and a job
// that puts what it wrote on record.

import { join } from 'node:path';
import type { Audit } from '@countersign/audit';
import { newSecret, type Random } from '@countersign/vocabulary';
import type { Logger } from 'pino';
import type { WatchdogSettings } from '../settings/read-watchdog.ts';
import { createAlarmRecorder } from './record-alarms.ts';
import { startWatchdog } from './start-watchdog.ts';

export interface WatchdogParts {
  /** DATA */
  folder: string;
  url: string;
  listen: { host: string; port: number };
  settings: WatchdogSettings;
  logs: readonly {
    url: string;
    shown: { path: string } | undefined;
    keys: { checkpointKey: string };
  }[];
  audit: Pick<Audit, 'record'>;
  random: Random;
  log: Logger;
}

export interface KeptWatchdog {
  /** What opens `/api/v1/watchdog/view`, drawn for this run of the server. */
  readonly credential: string;
  /** To be called once requests are answered. */
  start(): void;
  close(): Promise<void>;
}

const RECORD_EVERY_MS = 1000;

export function keepWatchdog(parts: WatchdogParts): KeptWatchdog {
  const { url, listen, settings, logs, audit, log } = parts;
  const folder = join(parts.folder, 'watchdog');
  const credential = newSecret(parts.random);
  const base = reachableBase(url, listen);
  const record = createAlarmRecorder({ folder, audit, log });
  let recording: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let started: ReturnType<typeof startWatchdog> | undefined;
  const recordOnce = (): Promise<void> => {
    recording ??= record()
      .catch((err: unknown) => log.error({ err }, 'alarms of the watchdog are not on record yet'))
      .finally(() => {
        recording = undefined;
      });
    return recording;
  };
  return {
    credential,
    start: () => {
      const plan = {
        ...{ folder, house: url, base, credential, everyMs: settings.everyMs },
        viewUrl: `${base}/api/v1/watchdog/view`,
        logs: logs.map(({ url: shownAt, shown, keys }) => ({
          key: keys.checkpointKey,
          url: shown === undefined ? shownAt : base + shown.path,
        })),
        ...(settings.webhook === undefined ? {} : { webhook: settings.webhook }),
      };
      started = startWatchdog(plan, log);
      timer = setInterval(recordOnce, RECORD_EVERY_MS);
      timer.unref();
    },
    close: async () => {
      clearInterval(timer);
      await started?.stop();
      await recordOnce();
    },
  };
}

/** How we are reached from this machine: the public name may lead over somebody else's proxy. */
function reachableBase(url: string, { host, port }: { host: string; port: number }): string {
  if (port === 0) return url;
  if (['localhost', '127.0.0.1', '0.0.0.0'].includes(host)) return `http://127.0.0.1:${port}`;
  return host === '::1' || host === '::' ? `http://[::1]:${port}` : url;
}

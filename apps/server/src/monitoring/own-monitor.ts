// The monitor of the watchers' room, over our own log and inside our own server: the same code that
// a customer runs outside. It reads what the world is served, every entry of it, and compares with
// what the witnesses hold. A notary that lies, or a disk that rots, is found by the house itself.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseVerifierKey } from '@countersign/verifier';
import type { Clock } from '@countersign/vocabulary';
import {
  createLogReader,
  createWitnessView,
  type LogReader,
  type MonitorOptions,
  openMonitor,
} from '@countersign/watchers';
import { logRoutes } from '../routes/serve-log.ts';
import type { WitnessPolicy } from '../settings/read-witness-policy.ts';
import { type AlarmParts, createAlarmTeller } from './tell-alarms.ts';

/** Between rounds. A round costs what was logged since the last one. */
const ROUND_MS = 10_000;
/** Files read at a time: the same loop answers requests. */
const PARALLEL = 2;

export interface OwnMonitorParts extends AlarmParts {
  /** Folder of all monitors; each log has its own below. */
  folder: string;
  checkpointKey: string;
  reader: LogReader;
  policy: WitnessPolicy | undefined;
  clock: Clock;
}

export interface OwnMonitor {
  /** One round now; for tests. */
  look(): Promise<void>;
  /** Resolves when the round that is under way has ended. */
  close(): Promise<void>;
}

/** Reads a log of this server as the world does, through its routes but not through a socket. */
export function readOwnLog(publicFolder: string): LogReader {
  const routes = logRoutes(publicFolder);
  return createLogReader({
    url: 'http://localhost/log',
    parallel: PARALLEL,
    fetch: async (url, init) =>
      await routes.request(new URL(url).pathname.slice('/log'.length), init),
  });
}

/** @throws CodedError of `openMonitor` */
export async function runOwnMonitor(parts: OwnMonitorParts): Promise<OwnMonitor> {
  const { folder, checkpointKey, reader, policy, clock, log } = parts;
  const key = parseVerifierKey(checkpointKey);
  const name = createHash('sha256').update(checkpointKey).digest('hex').slice(0, 16);
  const tell = createAlarmTeller(key.name, parts);
  const monitor = await openMonitor({
    ...{ folder: join(folder, name), key, reader, clock },
    ...watchedBy(key.name, policy),
  });
  const look = async (): Promise<void> => {
    try {
      await tell(await monitor.round());
    } catch (err) {
      log.error({ err, origin: key.name }, 'the monitor of our log failed and will look again');
    }
  };
  let round: Promise<void> | undefined;
  const timer = setInterval(() => {
    round ??= look().finally(() => {
      round = undefined;
    });
  }, ROUND_MS);
  timer.unref();
  return {
    look,
    close: async () => {
      clearInterval(timer);
      await round;
      await monitor.close();
    },
  };
}

function watchedBy(
  origin: string,
  policy: WitnessPolicy | undefined,
): Pick<MonitorOptions, 'policy' | 'views'> {
  if (policy === undefined) return {};
  const views = policy.witnesses.map(({ name, url }) => createWitnessView({ name, url, origin }));
  return { policy: policy.rules, views };
}

// A monitor of a tiny log, with a folder and a clock that a test can turn.

import { ManualClock } from '@countersign/vocabulary';
import type { Monitor, MonitorOptions, MonitorReport } from '../monitor/monitor-report.ts';
import { openMonitor } from '../monitor/open-monitor.ts';
import { createLogReader } from '../reader/log-reader.ts';
import type { TinyLog } from './tiny-log.ts';
import { TestFolder } from './witness-folder.ts';

export interface Follower {
  monitor: Monitor;
  folder: TestFolder;
  clock: ManualClock;
  /** The log that its reader sees; replace it to show it another one. */
  sees: { log: TinyLog };
  end(): Promise<void>;
}

export async function follow(
  log: TinyLog,
  options: Partial<MonitorOptions> = {},
  folder = new TestFolder(),
): Promise<Follower> {
  const clock = new ManualClock();
  const sees = { log };
  const reader = createLogReader({
    url: log.url,
    fetch: (url, init) => sees.log.fetch(url, init),
  });
  const monitor = await openMonitor({
    folder: folder.path,
    key: log.key,
    reader,
    clock,
    ...options,
  });
  const end = async () => {
    await monitor.close();
    folder.delete();
  };
  return { monitor, folder, clock, sees, end };
}

export function codesOf({ alarms }: MonitorReport): string[] {
  return alarms.map(({ code }) => code);
}

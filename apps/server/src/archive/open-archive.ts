// The archive in the server: its process, its keeper, and the turns they take. When the process is away
// tokens are issued all the same: events are durable before the archive hears of them.

import {
  type Archive,
  type ArchiveParts,
  createArchive,
  createArchiveClient,
  isArchiveAway,
} from '@countersign/archive';
import type { Clock, Random } from '@countersign/vocabulary';
import type { Logger } from 'pino';
import { startArchivist } from '../processes/start-archivist.ts';
import type { ChildLog } from '../processes/start-children.ts';
import { type RunningReconciler, runReconciler } from '../reconcile/run-reconciler.ts';
import type { DataFolder } from '../settings/open-data-folder.ts';
import type { Settings } from '../settings/read-settings.ts';

export interface OpenArchiveParts {
  settings: Pick<Settings, 'archive' | 'keySchedule'>;
  data: DataFolder;
  store: ArchiveParts['store'];
  record: ArchiveParts['record'];
  clock: Clock;
  random: Random;
  children: ChildLog;
  log: Logger;
}

export interface HouseArchive extends Archive {
  /** Process id of the archivist now running, if one is. */
  readonly pid: number | undefined;
  /** Erasures and files get their turn soon. */
  tidySoon(): void;
  close(): Promise<void>;
}

const TIDY_MS = 60_000;
const SOON_MS = 50;

export function openArchive(parts: OpenArchiveParts): HouseArchive {
  const { settings, data, store, record, clock, random, children, log } = parts;
  const { sealEverySeconds, hotHours } = settings.archive;
  const archivist = startArchivist(data, settings.archive, children);
  const archive = createArchive({
    ...{ store, clock, random, record, client: createArchiveClient(archivist) },
    folder: data.archive,
    longestKeyLifeSeconds: settings.keySchedule.maxAgeSeconds,
    limits: { sealEverySeconds, hotHours },
  });
  const complain = tellOnce(log);
  const following = runReconciler([() => complain(archive.tick)], (err) =>
    log.error({ err }, 'the archive could not be followed up; it is tried again'),
  );
  const tidying = tidyNowAndThen(() => complain(archive.tidy), log);
  return {
    ...archive,
    get pid() {
      return archivist.pid;
    },
    tidySoon: tidying.nudge,
    async close() {
      await Promise.all([following.stop(), tidying.stop(), archivist.stop()]);
    },
  };
}

/** Hands failures on, but that the archivist is away is said once for each time it is. */
function tellOnce(log: Logger): (job: () => Promise<void>) => Promise<void> {
  let away = false;
  return async (job) => {
    try {
      await job();
      if (away) log.info('the archive answers again');
      away = false;
    } catch (err) {
      if (!isArchiveAway(err)) throw err;
      if (!away) log.warn({ err }, 'the archive does not answer; issuing goes on');
      away = true;
    }
  };
}

function tidyNowAndThen(job: () => Promise<void>, log: Logger): RunningReconciler {
  let stopped = false;
  let turn: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const schedule = (afterMs: number): void => {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => {
      turn = turn
        .then(job)
        .catch((err: unknown) => log.error({ err }, 'the archive could not be tidied'))
        .then(() => schedule(TIDY_MS));
    }, afterMs);
    timer.unref();
  };
  schedule(TIDY_MS);
  return {
    nudge: () => schedule(SOON_MS),
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await turn;
    },
  };
}

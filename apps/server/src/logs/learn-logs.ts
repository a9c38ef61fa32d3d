// What every other room needs to know of our logs before it starts: their names and keys, from the
// logs themselves or, when one is away just now, from what was noted of it.

import {
  createLogSet,
  type LogSet,
  type NotaryClient,
  type NotaryKeys,
} from '@countersign/transparency';
import { CodedError } from '@countersign/vocabulary';
import type { Logger } from 'pino';
import type { ChildWatch } from '../processes/wait-for-children.ts';
import type { LogNotes } from './note-logs.ts';
import type { LogDoor } from './open-log-doors.ts';

export interface HouseLog extends Pick<LogDoor, 'notary' | 'url' | 'shown'> {
  origin: string;
  keys: NotaryKeys;
  /** It did not answer when we started. */
  away: boolean;
}

export interface HouseLogs {
  first: HouseLog;
  /** The first included. */
  all: readonly HouseLog[];
  /** Where entries go: the only log, or whichever of two takes them. */
  appender: Pick<NotaryClient, 'append' | 'ready'>;
  /** Which log a receipt is of; undefined where there is one log. */
  originOf: LogSet['originOf'] | undefined;
  close(): Promise<void>;
}

export interface LogParts {
  doors: readonly LogDoor[];
  notes: LogNotes;
  children: ChildWatch;
  log: Logger;
  /** An entry may stand in a log of which it has no receipt. */
  onDoubt(entry: Uint8Array): void;
}

/**
 * Longest wait for a receipt. The second log is asked after 100 ms; the rest is for a machine whose
 * disk stalls, which both logs may share: one log alone would have been waited for.
 */
const BUDGET_MS = 1000;
/** Time that a known log has to answer at the start, where another may do without it. */
const PATIENCE_MS = 4000;

/** @throws CodedError `child_failed`, `log_changed` */
export async function learnLogs(parts: LogParts): Promise<HouseLogs> {
  const { doors, children } = parts;
  const all = await Promise.all(doors.map((door) => learnLog(parts, door)));
  const [first] = all;
  if (first === undefined) throw new TypeError('a house needs a log');
  const stop = async (): Promise<void> => {
    await Promise.all(doors.map((door) => door.stop()));
  };
  if (all.length === 1) {
    return { first, all, appender: first.notary, originOf: undefined, close: stop };
  }
  const set = createLogSet(
    all.map(({ origin, keys, notary, away }) => ({
      ...{ origin, receiptKey: keys.receiptKey, notary, away },
    })),
    { onDoubt: parts.onDoubt, budgetMs: BUDGET_MS },
  );
  await children.ready([set]);
  const close = async (): Promise<void> => {
    set.close();
    await stop();
  };
  return { first, all, appender: set, originOf: set.originOf, close };
}

async function learnLog(parts: LogParts, door: LogDoor): Promise<HouseLog> {
  const { notary, url, shown } = door;
  const { keys, away } = await learnKeys(parts, door);
  return { notary, url, shown, keys, away, origin: keys.origin };
}

async function learnKeys(
  { doors, notes, children, log }: LogParts,
  { name, notary }: LogDoor,
): Promise<{ keys: NotaryKeys; away: boolean }> {
  const noted = notes.keysOf(name);
  if (noted === undefined || doors.length === 1) {
    await children.ready([notary]);
    const keys = await notary.keys();
    notes.note(name, keys);
    return { keys, away: false };
  }
  const keys = await answerWithin(notary, PATIENCE_MS);
  if (keys === undefined) {
    log.error(
      { log: noted.origin },
      'a log is away at the start; the other one goes on without it',
    );
    return { keys: noted, away: true };
  }
  notes.note(name, keys);
  return { keys, away: false };
}

async function answerWithin(
  notary: Pick<NotaryClient, 'keys'>,
  mostMs: number,
): Promise<NotaryKeys | undefined> {
  for (const startedMs = performance.now(); performance.now() - startedMs < mostMs; ) {
    try {
      return await notary.keys();
    } catch (error) {
      if (!(error instanceof CodedError) || error.retryAfterSeconds === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  return undefined;
}

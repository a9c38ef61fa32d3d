// A watchdog over the keys of a house: looks, judges, tells, remembers. It runs in another process than
// whoever rotates the keys, best on another host, and holds no secret that opens anything.

import { join } from 'node:path';
import { encodeHex, hashIssuer } from '@countersign/verifier';
import type { Clock } from '@countersign/vocabulary';
import { readWhole, replaceDurably } from '../disk/durable-file.ts';
import { type AlarmBook, tellChanges, type WatchdogAlarm } from './alarm-book.ts';
import { judgeHouse } from './judge-house.ts';
import { EMPTY_MEMORY, type JudgeLimits, type Look, type WatchMemory } from './look.ts';
import { type Suspicion, suspicionId } from './suspicion.ts';
import type { AlarmTeller } from './tell-alarms.ts';

export interface WatchdogOptions {
  /** Its own folder; what it remembers. */
  readonly folder: string;
  /** Names what is watched, in every alarm. */
  readonly house: string;
  readonly look: () => Promise<Look>;
  readonly teller: AlarmTeller;
  readonly limits: JudgeLimits;
  readonly clock: Clock;
  readonly onTrouble: (what: string) => void;
}

export interface WatchdogReport {
  readonly atMs: number;
  /** Keys the house told of; undefined when it gave no answer. */
  readonly keys: number | undefined;
  /** Whether all that the logs hold was read. */
  readonly logsRead: boolean;
  /** What holds now. */
  readonly conditions: readonly Suspicion[];
  /** What may still settle by itself. */
  readonly unsettled: readonly Suspicion[];
  /** What this look told. */
  readonly alarms: readonly WatchdogAlarm[];
}

export interface Watchdog {
  /** One look now. Never rejects. Looks must not overlap. */
  look(): Promise<WatchdogReport>;
  /** Tells what the process itself learnt: that its house is gone. */
  raise(suspicion: Suspicion): Promise<void>;
}

const MEMORY_FILE = 'memory.json';

export function openWatchdog(options: WatchdogOptions): Watchdog {
  const { folder, house, teller, limits, clock, onTrouble } = options;
  let { book, memory } = recall(folder);
  const tell = async (conditions: readonly Suspicion[], nowMs: number) => {
    const changes = tellChanges(book, conditions, { house, nowMs });
    book = changes.book;
    // Told before remembered: a crash between tells twice, never not at all.
    if (changes.alarms.length > 0) await teller.tell(changes.alarms);
    else await teller.retry();
    return changes.alarms;
  };
  const remember = async (): Promise<void> => {
    try {
      const text = JSON.stringify({ book, memory: { ...memory, monotonicMs: undefined } });
      await replaceDurably(join(folder, MEMORY_FILE), Buffer.from(text));
    } catch (error) {
      onTrouble(`the watchdog cannot write ${folder}: ${String(error)}`);
    }
  };
  return {
    look: async () => {
      const look = await options.look();
      const judged = judgeHouse(look, memory, (each) => encodeHex(hashIssuer(each)), limits);
      const { conditions, unsettled } = judged;
      memory = judged.memory;
      const alarms = await tell(conditions, look.nowMs);
      await remember();
      const { nowMs: atMs, logsRead, view } = look;
      return { atMs, keys: view?.keys.length, logsRead, conditions, unsettled, alarms };
    },
    raise: async (suspicion) => {
      const told = Object.values(book).map((each) => each.suspicion);
      const others = told.filter((each) => suspicionId(each) !== suspicionId(suspicion));
      await tell([...others, suspicion], clock.nowMs());
      await remember();
    },
  };
}

/** What cannot be read is forgotten: a watchdog that does not start is worse than one that tells twice. */
function recall(folder: string): { book: AlarmBook; memory: WatchMemory } {
  try {
    const text = readWhole(join(folder, MEMORY_FILE))?.toString('utf8');
    if (text === undefined) return { book: {}, memory: EMPTY_MEMORY };
    const { book, memory } = JSON.parse(text) as { book: AlarmBook; memory: WatchMemory };
    // What was not yet an alarm is seen again, if it is still there.
    const pending = Object.entries(memory.pending).filter(([id]) => book[id] !== undefined);
    return { book, memory: { ...memory, pending: Object.fromEntries(pending) } };
  } catch {
    return { book: {}, memory: EMPTY_MEMORY };
  }
}

// The gate at work: takes what has come to rest in the inbox, one after the other, tells of each, and
// goes on until it is told to stop, or until the inbox is empty.

import { setTimeout as wait } from 'node:timers/promises';
import { isCodedError } from '@countersign/vocabulary';
import type { Delivery } from './deliver-records.ts';
import type { GateRecord } from './gate-record.ts';
import { type GateParts, passDump } from './pass-dump.ts';
import { type Arrival, type InboxView, identify } from './watch-inbox.ts';

export interface GateRun {
  parts: GateParts;
  inbox: InboxView;
  delivery: Delivery;
  /** Once: ends when nothing moves any more and everything had its turn. */
  once: boolean;
  everyMs: number;
  ending: AbortSignal;
  onRecord(record: GateRecord): void;
  onTrouble(what: string): void;
}

export interface GateEnd {
  released: number;
  blocked: number;
  /** Entries that are still in the inbox, or came out of nothing that could be read. */
  left: number;
  /** Records that the server has not taken yet; they are sent by the next run. */
  undelivered: number;
}

const RETRY_MS = 10_000;
/** With `once`, an entry that never comes to rest is left after so many looks. */
const MOST_LOOKS = 120;

export async function runGate(run: GateRun): Promise<GateEnd> {
  const { inbox, delivery, once, everyMs, ending } = run;
  const end: GateEnd = { released: 0, blocked: 0, left: 0, undelivered: 0 };
  const stuck = new Map<string, string>();
  for (let looks = 0; !ending.aborted; looks += 1) {
    const { settled, moving } = inbox.look();
    let changed = 0;
    for (const arrival of settled) {
      if (ending.aborted) break;
      const key = arrival.path.toString('latin1');
      // Turned away before and could not be moved: told of once.
      if (stuck.get(key) === identify(arrival.stats)) continue;
      const passed = await passOne(run, arrival);
      if (passed === 'failed') {
        inbox.rest(arrival, RETRY_MS);
        stuck.delete(key);
      } else if (passed === undefined) changed += 1;
      else {
        for (const record of passed) {
          if (record.outcome === 'released') end.released += 1;
          else end.blocked += 1;
          run.onRecord(record);
        }
        stuck.set(key, identify(arrival.stats));
      }
    }
    end.undelivered = await delivery.deliver();
    const after = inbox.look();
    end.left = after.settled.length + after.moving + after.resting;
    if (once && ((moving === 0 && changed === 0) || looks >= MOST_LOOKS)) break;
    // An aborted wait is a wait that is over.
    await wait(everyMs, undefined, { signal: ending }).catch(() => undefined);
  }
  return end;
}

async function passOne(
  { parts, onTrouble }: GateRun,
  arrival: Arrival,
): Promise<GateRecord[] | undefined | 'failed'> {
  try {
    return await passDump(parts, arrival);
  } catch (error) {
    // The disk, or the fingerprints: nothing passes, nothing is lost, it is tried again.
    if (!(error instanceof Error && 'syscall' in error) && !isCodedError(error)) throw error;
    onTrouble(`${arrival.name} stays in the inbox: ${(error as Error).message}`);
    return 'failed';
  }
}

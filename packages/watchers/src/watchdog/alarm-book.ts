// One alarm for one condition: told when it begins, again each day that it goes on, and once more when
// it is over.

import type { Severity } from '@countersign/vocabulary';
import { type Suspicion, suspicionId, type WatchdogCode } from './suspicion.ts';

export type AlarmPhase = 'raised' | 'repeated' | 'ended';

/** A line of the alarm file. */
export interface WatchdogAlarm {
  readonly format: 'countersign/watchdog-alarm/v1';
  readonly atMs: number;
  readonly phase: AlarmPhase;
  readonly code: WatchdogCode;
  readonly severity: Severity;
  readonly issuer?: string;
  readonly kid?: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, string | number>>;
  readonly sinceMs: number;
  /** The server or issuer that was watched. */
  readonly house: string;
}

interface Told {
  readonly suspicion: Suspicion;
  readonly sinceMs: number;
  readonly toldMs: number;
}

/** What has been told, by id of the suspicion. */
export type AlarmBook = Readonly<Record<string, Told>>;

const REPEAT_MS = 24 * 3_600_000;

export function tellChanges(
  book: AlarmBook,
  conditions: readonly Suspicion[],
  { house, nowMs }: { house: string; nowMs: number },
): { alarms: WatchdogAlarm[]; book: AlarmBook } {
  const alarms: WatchdogAlarm[] = [];
  const next: Record<string, Told> = {};
  const tell = (phase: AlarmPhase, { suspicion, sinceMs }: Omit<Told, 'toldMs'>): void => {
    const { code, severity, issuer, kid, message, facts } = suspicion;
    alarms.push({
      ...{ format: 'countersign/watchdog-alarm/v1', atMs: nowMs, phase, code, severity },
      ...(issuer === undefined ? {} : { issuer }),
      ...(kid === undefined ? {} : { kid }),
      ...{ message, facts, sinceMs, house },
    });
  };
  for (const suspicion of conditions) {
    const id = suspicionId(suspicion);
    const told = book[id];
    const sinceMs = told?.sinceMs ?? nowMs;
    const due = told === undefined || Math.abs(nowMs - told.toldMs) >= REPEAT_MS;
    if (due) tell(told === undefined ? 'raised' : 'repeated', { suspicion, sinceMs });
    next[id] = { suspicion, sinceMs, toldMs: due ? nowMs : (told?.toldMs ?? nowMs) };
  }
  for (const [id, told] of Object.entries(book)) {
    if (next[id] === undefined) tell('ended', told);
  }
  return { alarms, book: next };
}

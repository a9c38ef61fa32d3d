// Puts what the watchdog wrote on record. The file is the truth and the place in it is kept beside: what
// was written while the server was frozen, or gone, is on record as soon as there is a server again.

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Audit } from '@countersign/audit';
import type { CountersignEvent, EventName } from '@countersign/vocabulary';
import type { WatchdogAlarm, WatchdogCode } from '@countersign/watchers';
import type { Logger } from 'pino';

export interface AlarmRecorderParts {
  /** Where the watchdog writes. */
  folder: string;
  audit: Pick<Audit, 'record'>;
  log: Pick<Logger, 'error' | 'info'>;
}

const ALARM_FILE = 'alarms.ndjson';
const PLACE_FILE = 'recorded';
const READ_BYTES = 1 << 20;
const MOST_EVENTS = 500;

const SILENCE: ReadonlySet<WatchdogCode> = new Set<WatchdogCode>([
  'server_gone',
  'server_silent',
  'rotator_silent',
  'rotator_failing',
  'rotator_unknown',
]);

/** @returns a job that records what is new; safe to repeat and to run again after any crash */
export function createAlarmRecorder({
  folder,
  audit,
  log,
}: AlarmRecorderParts): () => Promise<void> {
  const file = join(folder, ALARM_FILE);
  const placeFile = join(folder, PLACE_FILE);
  let place: number | undefined;
  return async () => {
    place ??= await readPlace(placeFile);
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    // Shorter than it was: somebody put it away, and what stands there now is new.
    if (size < place) place = 0;
    if (size === place) return;
    const { lines, next } = readLines(file, place);
    if (next === place) return;
    const alarms = lines.flatMap(parseAlarm);
    for (const alarm of alarms) {
      const { phase, code, issuer, kid, facts, message } = alarm;
      const line = { watchdog: code, phase, issuer, kid, ...facts };
      if (phase === 'ended') log.info(line, `the watchdog finds this no more: ${message}`);
      else log.error(line, `the watchdog: ${message}`);
    }
    const events = alarms.filter(({ phase }) => phase !== 'ended').map(describeAlarm);
    for (let at = 0; at < events.length; at += MOST_EVENTS)
      await audit.record(events.slice(at, at + MOST_EVENTS));
    // After the record: what could not be recorded is read again.
    place = next;
    await writeFile(`${placeFile}.new`, String(place), { mode: 0o600, flush: true });
    await rename(`${placeFile}.new`, placeFile);
  };
}

/** The beginning when there is none yet. A disk that does not answer is no reason to record all anew. */
async function readPlace(file: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '0';
    throw error;
  });
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

/** Whole lines from `place` on, and where the next one begins. */
function readLines(file: string, place: number): { lines: string[]; next: number } {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(READ_BYTES);
    const length = readSync(descriptor, bytes, 0, READ_BYTES, place);
    const end = bytes.subarray(0, length).lastIndexOf(0x0a) + 1;
    // A line that fills all of it is none of ours: passed over, so that it cannot hold up the others.
    if (end === 0) return { lines: [], next: length === READ_BYTES ? place + length : place };
    return { lines: bytes.toString('utf8', 0, end).split('\n'), next: place + end };
  } finally {
    closeSync(descriptor);
  }
}

/** What a crash cut off is no alarm; it was told again. */
function parseAlarm(line: string): WatchdogAlarm[] {
  try {
    const alarm = JSON.parse(line) as WatchdogAlarm;
    return alarm.format === 'countersign/watchdog-alarm/v1' ? [alarm] : [];
  } catch {
    return [];
  }
}

function describeAlarm(alarm: WatchdogAlarm): CountersignEvent {
  const { code, atMs, severity, issuer, kid, message, facts, phase, sinceMs } = alarm;
  return {
    name: nameOf(code),
    timeMs: atMs,
    severity,
    reason: code,
    message,
    ...(issuer === undefined && kid === undefined
      ? {}
      : {
          token: {
            kind: 'other',
            ...(issuer === undefined ? {} : { issuer }),
            ...(kid === undefined ? {} : { kid }),
          },
        }),
    extra: { ...facts, phase, sinceMs },
  };
}

function nameOf(code: WatchdogCode): EventName {
  if (code === 'key_old' || code === 'key_past_end') return 'key.age_alarm';
  return SILENCE.has(code) ? 'key.rotator_silent' : 'key.disagreement';
}

// Where alarms go: a file that is only ever added to, always and first; a line for whoever reads the
// output; a webhook, if there is one. None of them keeps another waiting, and none is given up on a
// first failure.

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type FetchLike, fetchBounded } from '@countersign/verifier';
import { appendDurably } from '../disk/durable-file.ts';
import type { WatchdogAlarm } from './alarm-book.ts';

export interface AlarmOutlets {
  /** Append-only, one JSON object a line. */
  readonly file: string;
  /** Each alarm as it is told; must not throw. */
  readonly onAlarm: (alarm: WatchdogAlarm) => void;
  /** What failed in telling; must not throw. */
  readonly onTrouble: (what: string) => void;
  readonly webhook?: { readonly url: string; readonly fetch: FetchLike };
}

export interface AlarmTeller {
  /** Resolves when the file holds them, or trouble was told; the webhook follows by itself. */
  tell(alarms: readonly WatchdogAlarm[]): Promise<void>;
  /** Tries again what did not get through. */
  retry(): Promise<void>;
  /** Resolves when the webhook is not being asked any more. */
  settle(): Promise<void>;
}

const WEBHOOK_TIMEOUT_MS = 5000;
const WEBHOOK_ANSWER_BYTES = 64 * 1024;
/** Alarms that wait for the webhook or the disk; the oldest are given up, and that is told. */
const MOST_WAITING = 1000;

export function createAlarmTeller({
  file,
  onAlarm,
  onTrouble,
  webhook,
}: AlarmOutlets): AlarmTeller {
  let unwritten: WatchdogAlarm[] = [];
  const unsent: WatchdogAlarm[] = [];
  let sending: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    if (unwritten.length === 0) return;
    const lines = unwritten.map((alarm) => `${JSON.stringify(alarm)}\n`).join('');
    try {
      await appendDurably(file, Buffer.from(`${endsInLine(file) ? '' : '\n'}${lines}`));
      unwritten = [];
    } catch (error) {
      onTrouble(`alarms cannot be written to ${file}: ${messageOf(error)}`);
    }
  };
  const send = async ({ url, fetch }: NonNullable<AlarmOutlets['webhook']>): Promise<void> => {
    for (let alarm = unsent[0]; alarm !== undefined; alarm = unsent[0]) {
      try {
        const { status } = await fetchBounded(url, {
          ...{ fetch, timeoutMs: WEBHOOK_TIMEOUT_MS, maxBytes: WEBHOOK_ANSWER_BYTES },
          ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
          body: JSON.stringify(alarm),
        });
        if (status < 200 || status > 299) throw new Error(`it answered ${status}`);
      } catch (error) {
        onTrouble(`the webhook did not take an alarm: ${messageOf(error)}`);
        return;
      }
      // Meanwhile it may have been given up: the next one is not this one.
      if (unsent[0] === alarm) unsent.shift();
    }
  };
  const retry = async (): Promise<void> => {
    if (webhook !== undefined) {
      sending ??= send(webhook).finally(() => {
        sending = undefined;
      });
    }
    await write();
  };
  return {
    tell: async (alarms) => {
      for (const alarm of alarms) onAlarm(alarm);
      unwritten.push(...alarms);
      if (webhook !== undefined) unsent.push(...alarms);
      for (const waiting of [unwritten, unsent]) {
        const lost = waiting.splice(0, Math.max(0, waiting.length - MOST_WAITING));
        if (lost.length > 0) onTrouble(`${lost.length} alarms were given up: too many wait`);
      }
      await retry();
    },
    retry,
    settle: async () => await sending,
  };
}

/** A crash may have cut the last line; what comes next must not be glued to it. */
function endsInLine(file: string): boolean {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return true;
  const descriptor = openSync(file, 'r');
  try {
    const last = Buffer.alloc(1);
    readSync(descriptor, last, 0, 1, size - 1);
    return last[0] === 0x0a;
  } finally {
    closeSync(descriptor);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

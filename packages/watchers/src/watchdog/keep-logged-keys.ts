// What the logs told of keys, kept: a monitor reads each entry once, so whoever wants to know a key by
// the log has to remember it. A line is durable before the entry counts as read.

import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { encodeHex } from '@countersign/verifier';
import { appendDurably, readWhole } from '../disk/durable-file.ts';
import { type EntryCheck, readKeyEntry } from '../monitor/entry-check.ts';
import { refusal } from '../watcher-error.ts';
import type { LoggedKey } from './look.ts';

const FILE = 'logged-keys.ndjson';

interface Line {
  issuerHash: string;
  kid: string;
  event: string;
  notAfterSeconds: number;
}

export interface LoggedKeys {
  /** For the monitor of each log. */
  readonly check: EntryCheck;
  list(): LoggedKey[];
}

/** @throws CodedError `state_corrupt` */
export function keepLoggedKeys(folder: string): LoggedKeys {
  const path = join(folder, FILE);
  const keys = new Map<string, { key: Line; events: Set<string> }>();
  const nameOf = ({ issuerHash, kid }: Line): string => `${issuerHash} ${kid}`;
  const isNew = (line: Line): boolean => keys.get(nameOf(line))?.events.has(line.event) !== true;
  const take = (line: Line): void => {
    const known = keys.get(nameOf(line));
    if (known === undefined) keys.set(nameOf(line), { key: line, events: new Set([line.event]) });
    else known.events.add(line.event);
  };
  const text = readWhole(path)?.toString('utf8') ?? '';
  // What stands behind the last line end was cut off by a crash; its entry will be read again.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
  for (const line of whole.split('\n').slice(0, -1)) take(parseLine(line, path));
  return {
    check: {
      see: async (entries) => {
        const lines = entries.flatMap((seen): Line[] => {
          const entry = readKeyEntry(seen);
          if (entry === undefined) return [];
          const { issuerHash, kid, event, notAfterSeconds } = entry;
          return [{ issuerHash: encodeHex(issuerHash), kid, event, notAfterSeconds }];
        });
        const fresh = lines.filter(isNew);
        if (fresh.length === 0) return [];
        const written = fresh.map((line) => `${JSON.stringify(line)}\n`).join('');
        await appendDurably(path, Buffer.from(written));
        for (const line of fresh) take(line);
        return [];
      },
    },
    list: () =>
      [...keys.values()].map(({ key: { issuerHash, kid, notAfterSeconds }, events }) => ({
        ...{ issuerHash, kid, notAfterSeconds },
        events: [...events],
      })),
  };
}

function parseLine(text: string, path: string): Line {
  try {
    const line = JSON.parse(text) as Line;
    if (typeof line.kid === 'string' && typeof line.issuerHash === 'string') return line;
  } catch {
    // Said below.
  }
  throw refusal(
    'state_corrupt',
    `${path} holds a line that is none; remove the folder to read anew.`,
  );
}

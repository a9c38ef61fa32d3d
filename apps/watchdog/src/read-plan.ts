// What the server tells its watchdog, as the first line of standard input: a credential must not stand
// in arguments or in an environment, where every process of the user can read it.

import { type NoteKey, parseVerifierKey } from '@countersign/verifier';
import { CodedError } from '@countersign/vocabulary';

export interface WatchPlan {
  folder: string;
  /** URL of the house, as alarms name it. */
  house: string;
  /** Where the house is reached from this machine; without a trailing slash. */
  base: string;
  viewUrl: string;
  credential: string;
  logs: { key: NoteKey; url: string }[];
  everyMs: number;
  webhook?: string;
}

/** @throws CodedError `plan_malformed` */
export function readPlan(line: string): WatchPlan {
  try {
    const { logs, webhook, everyMs, ...texts } = JSON.parse(line) as Record<string, unknown>;
    if (!Array.isArray(logs) || typeof everyMs !== 'number') throw new TypeError('logs, everyMs');
    return {
      ...{ folder: textIn(texts, 'folder'), house: textIn(texts, 'house') },
      ...{ base: textIn(texts, 'base'), viewUrl: textIn(texts, 'viewUrl') },
      credential: textIn(texts, 'credential'),
      logs: logs.map((log: Record<string, unknown>) => ({
        key: parseVerifierKey(textIn(log, 'key')),
        url: textIn(log, 'url'),
      })),
      everyMs,
      ...(typeof webhook === 'string' ? { webhook } : {}),
    };
  } catch (cause) {
    throw new CodedError('plan_malformed', 'The watchdog was not told what to watch.', { cause });
  }
}

function textIn(members: Readonly<Record<string, unknown>>, name: string): string {
  const value = members[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(name);
}

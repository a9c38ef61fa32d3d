// Which entries of the inbox have come to rest. By looking again and again, not by events: those are
// lost under load, and a file that was missed would wait for ever.

import { type BigIntStats, lstatSync, readdirSync } from 'node:fs';

export interface Arrival {
  /** As bytes: names need not be text. */
  path: Buffer;
  /** For people; no control characters. */
  name: string;
  stats: BigIntStats;
}

export interface InboxView {
  /** Entries that have not changed for the time to settle, oldest first; how many move, or rest. */
  look(): { settled: Arrival[]; moving: number; resting: number };
  /** Leaves an entry alone until it changes, or for so long. */
  rest(arrival: Arrival, ms: number): void;
}

const DOT = 0x2e;

/** Names that begin with a dot are being written; they are renamed when they are whole. */
export function watchInbox(inbox: string, settleMs: number): InboxView {
  let seen = new Map<string, { identity: string; sinceMs: number; notBeforeMs: number }>();
  return {
    look: () => {
      const nowMs = performance.now();
      const next: typeof seen = new Map();
      const settled: Arrival[] = [];
      let [moving, resting] = [0, 0];
      for (const raw of readdirSync(inbox, { encoding: 'buffer' })) {
        if (raw[0] === DOT) continue;
        const path = Buffer.concat([Buffer.from(`${inbox}/`), raw]);
        const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
        if (stats === undefined) continue;
        const key = raw.toString('latin1');
        const identity = identify(stats);
        const before = seen.get(key);
        const same = before?.identity === identity ? before : undefined;
        const entry = same ?? { identity, sinceMs: nowMs, notBeforeMs: 0 };
        next.set(key, entry);
        if (nowMs < entry.notBeforeMs) resting += 1;
        else if (nowMs - entry.sinceMs < settleMs) moving += 1;
        else settled.push({ path, name: showName(raw), stats });
      }
      seen = next;
      settled.sort((one, other) => Number(one.stats.mtimeNs - other.stats.mtimeNs));
      return { settled, moving, resting };
    },
    rest: ({ path, stats }, ms) => {
      const key = path.subarray(path.lastIndexOf('/') + 1).toString('latin1');
      const nowMs = performance.now();
      const identity = identify(stats);
      seen.set(key, { identity, sinceMs: nowMs, notBeforeMs: nowMs + ms });
    },
  };
}

/** Other than before as soon as anything of it was changed. */
export function identify({ dev, ino, size, mtimeNs, ctimeNs, nlink }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs, nlink].join(' ');
}

function showName(raw: Buffer): string {
  return raw.toString('utf8').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/gu, '_');
}

// A live tail: events as they are recorded, as server-sent events (HTML Living Standard §9.2). The id of
// each is its sequence number, so that a reader that was cut off goes on where it was. A reader that is
// slow is waited for, and nothing is kept for it; one that stands still is let go. Whether the reader may
// still read is looked at again and again.

import {
  extractColumns,
  readPersonsView,
  type SearchScope,
  scopeFilter,
} from '@countersign/archive';
import type { Audit, StoredEvent } from '@countersign/audit';
import { type Filter, matchesEvent } from '@countersign/search';
import { CodedError } from '@countersign/vocabulary';
import { withSequence } from './show-event.ts';
import { openTurns } from './work-turns.ts';

export interface TailParts {
  audit: Pick<Audit, 'listEvents'>;
  limits: TailLimits;
}

export interface TailLimits {
  /** How often it is looked for new events. */
  pollMs: number;
  /** How often something is sent when nothing happens, and the reader is recognised again. */
  beatMs: number;
  /** A reader that takes nothing for so long is let go. */
  stalledMs: number;
}

export const TAIL_LIMITS: TailLimits = { pollMs: 250, beatMs: 10_000, stalledMs: 60_000 };

export interface Tail {
  scope: SearchScope;
  tenant: string;
  filter: Filter;
  afterSequence: number;
  stillMay(): Promise<boolean>;
  signal: AbortSignal;
  /** Resolves when there is room for more. */
  send(text: string): Promise<unknown>;
}

const BATCH = 200;
/** While one batch goes out it is not asked for each event whether the reader may still read. */
const KNOWN_MS = 1000;

/** Runs until the reader leaves, stalls or may read no more. @returns events sent, and why it ended */
export async function tailEvents(
  { audit, limits }: TailParts,
  tail: Tail,
): Promise<{ sent: number; reason: 'left' | 'stalled' | 'ended' }> {
  const { signal } = tail;
  let position = tail.afterSequence;
  let sent = 0;
  let beatAtMs = performance.now() + limits.beatMs;
  let knownUntilMs = 0;
  const rest = openTurns();
  while (!signal.aborted) {
    const found = await audit.listEvents({
      tenant: tail.tenant,
      afterSequence: position,
      limit: BATCH,
    });
    for (const event of found) {
      position = event.sequence;
      await rest();
      const shown = match(tail, event);
      if (shown === undefined) continue;
      if (performance.now() >= knownUntilMs) {
        if (!(await tail.stillMay())) return over('ended');
        knownUntilMs = performance.now() + KNOWN_MS;
      }
      if (!(await sendInTime(tail, describe(event, shown), limits))) return over('stalled');
      sent += 1;
    }
    knownUntilMs = 0;
    if (performance.now() >= beatAtMs) {
      beatAtMs = performance.now() + limits.beatMs;
      if (!(await tail.stillMay())) return over('ended');
      if (!(await sendInTime(tail, ': still here\n\n', limits))) return over('stalled');
    }
    if (found.length < BATCH) await pause(limits.pollMs, signal);
  }
  return over('left');

  function over(reason: 'left' | 'stalled' | 'ended') {
    return { sent, reason };
  }
}

/** Where a tail begins. @throws CodedError `tail_too_old` when what came since may be in files by now */
export async function placeOfTail(
  audit: Pick<Audit, 'listEvents'>,
  tenant: string,
  lastId: string | undefined,
  nowMs: number,
): Promise<number> {
  if (lastId === undefined || lastId === '') {
    const before = Number.MAX_SAFE_INTEGER;
    const [newest] = await audit.listEvents({ beforeSequence: before, limit: 1 });
    return newest?.sequence ?? 0;
  }
  const sequence = /^\d{1,15}$/.test(lastId) ? Number(lastId) : 0;
  const [event] = await audit.listEvents({ tenant, afterSequence: sequence - 1, limit: 1 });
  const logged = event?.ocsf['metadata'] as { logged_time?: number } | undefined;
  const fresh = (logged?.logged_time ?? 0) > nowMs - LONGEST_BREAK_MS;
  if (sequence > 0 && event?.sequence === sequence && fresh) return sequence;
  const message = `The tail broke off too long ago. Search for "sequence > ${sequence}", then tail anew.`;
  throw new CodedError('tail_too_old', message);
}

/** Events stay in the hot table for longer than this, whatever their kind. */
const LONGEST_BREAK_MS = 3_600_000;

function match({ scope, filter, tenant }: Tail, event: StoredEvent): string | undefined {
  const { text, sequence, uid, name, source, timeMs } = event;
  const own = { tenant, sequence, uid, name, source, time_ms: timeMs };
  const matches = (wanted: Filter, stored: string): boolean => {
    const ocsf: unknown = JSON.parse(stored);
    const columns = { ...extractColumns(ocsf), ...own };
    return matchesEvent(wanted, { columns, ocsf, text: stored });
  };
  if (!matches(scopeFilter(scope), text)) return undefined;
  const shown = scope.person === undefined ? text : readPersonsView(text);
  return matches(filter, shown) ? shown : undefined;
}

function describe(event: StoredEvent, text: string): string {
  const { sequence, uid, name, timeMs, severityId } = event;
  const ocsf = withSequence(JSON.parse(text), sequence);
  const data = JSON.stringify({ sequence, uid, name, timeMs, severityId, ocsf });
  return `id: ${sequence}\nevent: event\ndata: ${data}\n\n`;
}

async function sendInTime(tail: Tail, text: string, { stalledMs }: TailLimits): Promise<boolean> {
  const stalled = Promise.withResolvers<false>();
  const timer = setTimeout(() => stalled.resolve(false), stalledMs);
  try {
    return await Promise.race([tail.send(text).then(() => true), stalled.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

// One turn of one sink: batches one after the other, each read only when the one before was taken, and
// the cursor moved only behind what the sink has taken. Whatever goes wrong ends the turn, and the next
// one begins where this one stood.

import type { Store } from '@countersign/storage';
import { type Clock, CodedError, isCodedError, type Random } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import { type BatchOutcome, deliverBatch } from './deliver-batch.ts';
import { type PushSinkView, viewOf } from './keep-sinks.ts';
import type { PushCode } from './push-error.ts';
import type { EventFeed, EventPage, PushedEvent, Transport } from './pushed-event.ts';
import { retryDelayMs } from './retry-delay.ts';
import type { PushSinkRow, PushTables } from './sink-table.ts';

type Tx = Kysely<PushTables>;

/** What the rest of the house is told, in the transaction that says how far the sink was served. */
export interface SinkNotes {
  /** Events that the sink refused for good while it took others. */
  onSetAside(
    sink: PushSinkView,
    events: { uid: string; reason: string }[],
    tx: Tx,
  ): Promise<unknown>;
  /** The sink has been failing: once for each stretch of failures. */
  onFailing(sink: PushSinkView, tx: Tx): Promise<unknown>;
  /** The sink takes events again after `onFailing`. */
  onRecovered(sink: PushSinkView, tx: Tx): Promise<unknown>;
  /** Events wait for it, and have for a while. */
  onBehind(
    sink: PushSinkView,
    behind: { count: number; sinceMs: number },
    tx: Tx,
  ): Promise<unknown>;
}

export interface TurnParts {
  store: Store<PushTables>;
  clock: Clock;
  random: Random;
  feed: EventFeed;
  notes: SinkNotes;
  open(sink: PushSinkView): Transport;
}

export const MOST_EVENTS = 1000;
const MOST_CHARACTERS = 2 * 1024 * 1024;
/** Then others get their turn. */
const MOST_BATCHES = 20;
/** Between two looks of a sink that has everything. */
const IDLE_MS = 1000;
/** Failures until the house is told, and how long events may wait. */
const TOLD_AFTER = 5;
const BEHIND_MS = 5 * 60_000;
const LONGEST_MESSAGE = 300;

/** @returns how many events the sink took */
export async function takeSinkTurn(
  parts: TurnParts,
  given: PushSinkRow,
  signal: AbortSignal,
): Promise<number> {
  let row = given;
  let taken = 0;
  let transport: Transport | undefined;
  // The page behind the one that is being sent, so that reading and sending go on side by side.
  let ahead: { position: number; page: Promise<EventPage> } | undefined;
  const pageBehind = (position: number): Promise<EventPage> =>
    parts.feed.readAfter(row.tenant, position, MOST_EVENTS);
  for (let batch = 0; batch < MOST_BATCHES && !signal.aborted; batch += 1) {
    const page = await (ahead?.position === row.position ? ahead.page : pageBehind(row.position));
    const events = bounded(page.events);
    const through = events.length < page.events.length ? events.at(-1)!.position : page.through;
    ahead = undefined;
    if (events.length > 0 && through < page.newest && batch + 1 < MOST_BATCHES) {
      ahead = { position: through, page: pageBehind(through) };
      // Who waits for it is told; when nobody does, it is read again.
      ahead.page.catch(() => undefined);
    }
    if (events.length === 0) {
      await keep(parts, row, { through, taken: 0, setAside: [] }, page.newest);
      break;
    }
    const outcome = await attempt(async () => {
      transport ??= parts.open(viewOf(row));
      const behind = () => readBehind(parts.feed, row.tenant, through, page.newest);
      return await deliverBatch(transport, { events, before: row.position, behind }, signal);
    }, row.position);
    if (signal.aborted && outcome.taken === 0) break;
    // What was left out of the page (erased, deleted) is behind us too when all of it was served.
    if (outcome.through === events.at(-1)?.position)
      outcome.through = Math.max(through, outcome.through);
    const next = await keep(parts, row, outcome, page.newest);
    taken += outcome.taken;
    if (next === undefined || outcome.failure !== undefined) break;
    row = next;
  }
  return taken;
}

/** The next events, and the newest: among those of the house itself is always a short one. */
async function readBehind(
  feed: EventFeed,
  tenant: string,
  through: number,
  newest: number,
): Promise<PushedEvent[]> {
  if (newest <= through) return [];
  const next = await feed.readAfter(tenant, through, MOST_EVENTS);
  const last = await feed.readAfter(tenant, newest - 1, 1);
  return [...next.events, ...last.events];
}

async function attempt(job: () => Promise<BatchOutcome>, before: number): Promise<BatchOutcome> {
  try {
    return await job();
  } catch (error) {
    const failure = isCodedError(error)
      ? (error as CodedError<PushCode>)
      : new CodedError<PushCode>('sink_unreachable', 'The sink failed.', { cause: error });
    return { through: before, taken: 0, setAside: [], failure };
  }
}

/** Writes how far the sink was served; undefined when it is gone, paused, or was moved by another. */
async function keep(
  parts: TurnParts,
  row: PushSinkRow,
  outcome: BatchOutcome,
  newest: number,
): Promise<PushSinkRow | undefined> {
  const nowMs = parts.clock.nowMs();
  const { failure, setAside, taken, through } = outcome;
  const failures = failure === undefined ? 0 : row.failures + 1;
  const waitMs =
    failure === undefined
      ? waitFor(through, newest)
      : retryDelayMs(failures, parts.random, failure.retryAfterSeconds);
  const next: PushSinkRow = {
    ...row,
    enabled: failure?.code === 'sink_gone' ? 0 : row.enabled,
    position: through,
    next_ms: nowMs + waitMs,
    last_good_ms: failure === undefined ? nowMs : row.last_good_ms,
    failures,
    error_code: failure?.code ?? null,
    error: failure?.message.slice(0, LONGEST_MESSAGE) ?? null,
    delivered: row.delivered + taken,
    set_aside: row.set_aside + setAside.length,
  };
  if (isQuiet(row, next)) return undefined;
  return await parts.store.transaction(async (tx) => {
    const {
      id: _id,
      enabled,
      settings: _settings,
      created_ms: _ms,
      created_by: _by,
      ...set
    } = next;
    const { numUpdatedRows } = await tx
      .updateTable('push_sink')
      .set(failure?.code === 'sink_gone' ? { ...set, enabled } : set)
      .where('id', '=', row.id)
      .where('position', '=', row.position)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows !== 1n) return undefined;
    await noteSetAside(parts, next, setAside, nowMs, tx);
    await tell(parts.notes, row, next, newest, nowMs, tx);
    // Paused while the batch was under way: what was taken is written, no more is sent.
    const now = tx.selectFrom('push_sink').select('enabled').where('id', '=', row.id);
    return (await now.executeTakeFirstOrThrow()).enabled === 1 ? next : undefined;
  });
}

/** Nothing happened and nothing was due: a sink that has everything costs no write a second. */
function isQuiet(row: PushSinkRow, next: PushSinkRow): boolean {
  const still = next.position === row.position && next.failures === 0 && row.failures === 0;
  return still && row.last_good_ms !== null && next.next_ms - row.next_ms < 60_000;
}

function waitFor(through: number, newest: number): number {
  return through < newest ? 0 : IDLE_MS;
}

async function noteSetAside(
  { notes }: TurnParts,
  row: PushSinkRow,
  setAside: BatchOutcome['setAside'],
  atMs: number,
  tx: Tx,
): Promise<void> {
  if (setAside.length === 0) return;
  for (const { position, uid, reason } of setAside) {
    await tx
      .insertInto('push_set_aside')
      .values({ sink: row.id, position, uid, reason, at_ms: atMs })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  await notes.onSetAside(viewOf(row), setAside, tx);
}

async function tell(
  notes: SinkNotes,
  before: PushSinkRow,
  row: PushSinkRow,
  newest: number,
  nowMs: number,
  tx: Tx,
): Promise<void> {
  const sink = viewOf(row);
  if (row.failures === TOLD_AFTER || (row.enabled === 0 && before.enabled === 1)) {
    await notes.onFailing(sink, tx);
  }
  if (row.failures === 0 && before.failures >= TOLD_AFTER) await notes.onRecovered(sink, tx);
  const sinceMs = row.last_good_ms ?? row.created_ms;
  const count = newest - row.position;
  if (row.failures > 0 && count > 0 && nowMs - sinceMs > BEHIND_MS) {
    await notes.onBehind(sink, { count, sinceMs }, tx);
  }
}

/** As many as fit, at least one. */
function bounded(events: readonly PushedEvent[]): PushedEvent[] {
  let characters = 0;
  const fitting = events.findIndex(({ ocsf }) => {
    characters += ocsf.length;
    return characters > MOST_CHARACTERS;
  });
  return fitting === -1 ? [...events] : events.slice(0, Math.max(1, fitting));
}

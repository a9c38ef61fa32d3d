// One batch to one sink. What the sink will not take is found by halving, and set aside only when the
// sink took another event, of the batch or behind it: a sink that takes nothing is broken, not the events.

import { type CodedError, isCodedError } from '@countersign/vocabulary';
import { type PushCode, pushError } from './push-error.ts';
import type { PushedEvent, RefusedEvent, Transport } from './pushed-event.ts';

export interface BatchOutcome {
  /** Everything up to here was taken or set aside; the position before the batch when nothing was. */
  through: number;
  taken: number;
  setAside: (RefusedEvent & { uid: string })[];
  /** Why the rest has to be sent again; absent when there is no rest. */
  failure?: CodedError<PushCode>;
}

interface Told {
  taken: Set<number>;
  refused: Map<number, string>;
  failure: CodedError<PushCode> | undefined;
}

export interface Batch {
  events: readonly PushedEvent[];
  /** The position that was reached before this batch. */
  before: number;
  /** Some events behind it: asked for when the sink took none of the batch. */
  behind(): Promise<readonly PushedEvent[]>;
}

const MOST_PROBES = 3;

export async function deliverBatch(
  transport: Transport,
  { events, before, behind }: Batch,
  signal: AbortSignal,
): Promise<BatchOutcome> {
  const told: Told = { taken: new Set(), refused: new Map(), failure: undefined };
  await sendHalving(transport, events, told, signal);
  const { taken, refused } = told;
  if (taken.size === 0 && refused.size > 0) {
    const others = events.filter(({ position }) => !refused.has(position));
    if (!signal.aborted) await probe(transport, [...others, ...(await behind())], told, signal);
  }
  if (taken.size === 0 && refused.size > 0) {
    const [reason] = refused.values();
    const failure = told.failure ?? pushError('batch_rejected', `It takes no event: ${reason}`);
    return { through: before, taken: 0, setAside: [], failure };
  }
  const outcome: BatchOutcome = { through: before, taken: 0, setAside: [] };
  for (const { position, uid } of events) {
    const reason = refused.get(position);
    if (taken.has(position)) outcome.taken += 1;
    else if (reason !== undefined) outcome.setAside.push({ position, uid, reason });
    else break;
    outcome.through = position;
  }
  if (told.failure !== undefined) outcome.failure = told.failure;
  return outcome;
}

/**
 * Whether the sink takes anything: a batch may consist of nothing but what it refuses, and would then stand
 * before all others for ever. What it takes here comes again in its turn.
 */
async function probe(
  transport: Transport,
  others: readonly PushedEvent[],
  told: Told,
  signal: AbortSignal,
): Promise<void> {
  const short = [...others].sort((one, other) => one.ocsf.length - other.ocsf.length);
  for (const event of short.slice(0, MOST_PROBES)) {
    try {
      const { taken } = await transport.send([event], signal);
      for (const position of taken) told.taken.add(position);
      if (taken.length > 0) return;
    } catch (error) {
      if (!isCodedError(error)) throw error;
      if (error.code === 'batch_rejected') continue;
      told.failure = error as CodedError<PushCode>;
      return;
    }
  }
}

async function sendHalving(
  transport: Transport,
  events: readonly PushedEvent[],
  told: Told,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { taken, refused, again } = await transport.send(events, signal);
    for (const position of taken) told.taken.add(position);
    for (const { position, reason } of refused) told.refused.set(position, reason);
    if (again.length > 0) {
      told.failure = pushError('sink_throttled', `${again.length} events were put off.`);
    }
  } catch (error) {
    if (!isCodedError(error)) throw error;
    if (error.code !== 'batch_rejected') {
      told.failure = error as CodedError<PushCode>;
      return;
    }
    const [first] = events;
    if (events.length === 1 && first !== undefined) {
      told.refused.set(first.position, error.message);
      return;
    }
    const middle = Math.ceil(events.length / 2);
    for (const half of [events.slice(0, middle), events.slice(middle)]) {
      await sendHalving(transport, half, told, signal);
      if (told.failure !== undefined) return;
    }
  }
}

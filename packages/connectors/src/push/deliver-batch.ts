// One batch to one sink. What the sink will not take is found by halving, and set aside only when the
// sink took another event of the same batch: a sink that takes nothing is broken, not the events.

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

/** @param before the position that was reached before this batch */
export async function deliverBatch(
  transport: Transport,
  events: readonly PushedEvent[],
  before: number,
  signal: AbortSignal,
): Promise<BatchOutcome> {
  const told: Told = { taken: new Set(), refused: new Map(), failure: undefined };
  await sendHalving(transport, events, told, signal);
  const { taken, refused } = told;
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

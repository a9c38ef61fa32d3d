// An alarm that is raised once must get on record also when the store is away at that moment.

import { setTimeout as sleep } from 'node:timers/promises';
import type { CountersignEvent } from '@countersign/vocabulary';
import type { RunParts } from './run-witnessing.ts';

const RETRY_MS = 1000;
/** With the pause above, an hour: then the operator's log has said it long ago. */
const MOST_TRIES = 3600;

/** Tries until it is recorded; never throws. Keeps no process from ending. */
export async function recordAtLast(
  { audit, log, retryMs = RETRY_MS }: RunParts,
  event: CountersignEvent,
): Promise<void> {
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    try {
      await audit.record([event]);
      return;
    } catch (err) {
      const message = `${event.name} could not be recorded and will be tried again`;
      if (tries === 1) log.error({ err }, message);
    }
    await sleep(retryMs, undefined, { ref: false });
  }
}

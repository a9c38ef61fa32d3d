// Follows events of some names, at least once for each, also after a crash. What is on record is not yet
// remembered: it can be read from its commit on, and is folded after the disk has confirmed it. So whoever
// follows waits for the memory before asking what came of an event. One that fails holds up no other.

import type { EventName } from '@countersign/vocabulary';
import type { RiskHouse } from './risk-house.ts';

const PAGE = 100;
/** Events of any name that are passed over before the place is kept: to look at them again costs nothing. */
const MOST_UNKEPT = 1_000;
/** So many that fail at once are no matter of one event: nothing more is read before they are done. */
const MOST_FAILING = 100;

export type FollowedEvent = Awaited<ReturnType<RiskHouse['audit']['listEvents']>>[number];

type Following = Pick<RiskHouse, 'memory' | 'policies' | 'audit'>;

/**
 * @param react runs again for the same event after a crash, and in each turn when it threw: an event that
 *   cannot be reacted to holds up no other.
 * @returns a job that works through what is new, and throws what was thrown last; run one at a time.
 */
export function followEvents(
  { memory, policies, audit }: Following,
  { follower, names }: { follower: string; names: EventName[] },
  react: (event: FollowedEvent) => Promise<void>,
): () => Promise<void> {
  let kept: number | undefined;
  let after = 0;
  let reacted = false;
  const failing = new Map<number, FollowedEvent>();

  /** @returns why it failed */
  const attempt = async (event: FollowedEvent): Promise<unknown> => {
    try {
      await react(event);
      failing.delete(event.sequence);
      reacted = true;
      return undefined;
    } catch (error) {
      failing.set(event.sequence, event);
      return error;
    }
  };
  const readOn = async (): Promise<unknown> => {
    // Asked first: what is recorded meanwhile is looked at the next time.
    const [last] = await audit.listEvents({ beforeSequence: Number.MAX_SAFE_INTEGER, limit: 1 });
    let failure: unknown;
    for (let full = true; full; ) {
      if (failing.size >= MOST_FAILING) return failure;
      const events = await audit.listEvents({ afterSequence: after, limit: PAGE, names });
      if (events.length > 0) await Promise.all([memory.caughtUp(), policies.caughtUp()]);
      for (const event of events) {
        failure = (await attempt(event)) ?? failure;
        after = event.sequence;
      }
      full = events.length === PAGE;
    }
    after = Math.max(after, last?.sequence ?? 0);
    return failure;
  };
  /** Never beyond what failed: another life of the house tries that again. */
  const keep = async (before: number): Promise<void> => {
    const done = Math.min(after, ...[...failing.keys()].map((sequence) => sequence - 1));
    if (done === before || (!reacted && done - before < MOST_UNKEPT)) return;
    await memory.cursors.move(follower, done);
    kept = done;
    reacted = false;
  };
  return async () => {
    kept ??= after = await memory.cursors.read(follower);
    let failure: unknown;
    for (const event of failing.values()) failure = (await attempt(event)) ?? failure;
    failure = (await readOn()) ?? failure;
    await keep(kept);
    if (failure !== undefined) throw failure;
  };
}

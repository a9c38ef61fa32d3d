// Follows events of some names, at least once for each, also after a crash. What is on record is not yet
// remembered: it can be read from its commit on, and is folded after the disk has confirmed it. So whoever
// follows waits for the memory before asking what came of an event.

import type { EventName } from '@countersign/vocabulary';
import type { RiskHouse } from './risk-house.ts';

const PAGE = 100;
/** Events of any name that are passed over before the place is kept: to look at them again costs nothing. */
const MOST_UNKEPT = 1_000;

export type FollowedEvent = Awaited<ReturnType<RiskHouse['audit']['listEvents']>>[number];

type Following = Pick<RiskHouse, 'memory' | 'policies' | 'audit'>;

/**
 * @param react runs again for the same event after a crash, and when it threw.
 * @returns a job that works through what is new; run one at a time.
 */
export function followEvents(
  { memory, policies, audit }: Following,
  { follower, names }: { follower: string; names: EventName[] },
  react: (event: FollowedEvent) => Promise<void>,
): () => Promise<void> {
  let kept: number | undefined;
  let after = 0;
  let reacted = false;

  const keep = async (): Promise<void> => {
    await memory.cursors.move(follower, after);
    kept = after;
    reacted = false;
  };
  return async () => {
    kept ??= after = await memory.cursors.read(follower);
    // Asked first: what is recorded meanwhile is looked at the next time.
    const [last] = await audit.listEvents({ beforeSequence: Number.MAX_SAFE_INTEGER, limit: 1 });
    for (let full = true; full; ) {
      const events = await audit.listEvents({ afterSequence: after, limit: PAGE, names });
      if (events.length > 0) await Promise.all([memory.caughtUp(), policies.caughtUp()]);
      for (const event of events) {
        await react(event);
        reacted = true;
        after = event.sequence;
      }
      full = events.length === PAGE;
    }
    after = Math.max(after, last?.sequence ?? 0);
    if (reacted || after - (kept ?? 0) >= MOST_UNKEPT) await keep();
  };
}

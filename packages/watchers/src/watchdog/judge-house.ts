// The judge of a watchdog: one look and the memory of those before it make the conditions that hold now
// and the memory for the next. Pure: it reads no clock and asks nobody.

import { isShown } from './house-view.ts';
import type { JudgeLimits, Look, Pending, WatchMemory } from './look.ts';
import { suspectAge } from './suspect-age.ts';
import { countKeys, suspectDisagreement } from './suspect-disagreement.ts';
import { elapsedSince, followTick, suspectSilence } from './suspect-silence.ts';
import { type Suspicion, suspicionId } from './suspicion.ts';

export interface HouseJudgement {
  /** What holds for long enough to be an alarm. */
  readonly conditions: readonly Suspicion[];
  /** What is suspected and may still settle by itself. */
  readonly unsettled: readonly Suspicion[];
  readonly memory: WatchMemory;
}

/** One look alone is never enough for what two sources say one after the other. */
const FEWEST_LOOKS = 2;

/** @param hashOf issuer as the log names it: lower-case hex */
export function judgeHouse(
  look: Look,
  memory: WatchMemory,
  hashOf: (issuer: string) => string,
  limits: JudgeLimits,
): HouseJudgement {
  const elapsedMs = elapsedSince(memory, look, limits);
  const tick = followTick(memory, look, elapsedMs);
  const found = [
    ...suspectSilence(look, tick, limits),
    ...suspectAge(look.view?.keys ?? [], agreedNow(look, limits), limits),
    ...suspectDisagreement(look, memory.counted, hashOf, limits),
  ];
  const pending: Record<string, Pending> = {};
  for (const suspicion of found) {
    const id = suspicionId(suspicion);
    const before = memory.pending[id];
    pending[id] =
      before === undefined
        ? { suspicion, heldMs: 0, looks: 1 }
        : { suspicion, heldMs: before.heldMs + elapsedMs, looks: before.looks + 1 };
  }
  for (const [id, before] of Object.entries(memory.pending)) {
    if (pending[id] === undefined && !wasLookedAt(before.suspicion, look)) pending[id] = before;
  }
  const all = Object.values(pending);
  return {
    conditions: all.filter(isCondition).map(({ suspicion }) => suspicion),
    unsettled: all.filter((one) => !isCondition(one)).map(({ suspicion }) => suspicion),
    memory: {
      monotonicMs: look.monotonicMs,
      tick,
      counted: countKeys(look.view?.keys ?? [], memory.counted),
      pending,
    },
  };
}

function isCondition({ suspicion, heldMs, looks }: Pending): boolean {
  const { patienceMs } = suspicion;
  return patienceMs === 0 || (heldMs >= patienceMs && looks >= FEWEST_LOOKS);
}

/** Time as both clocks have it. Where they are apart, which is an alarm of its own, that of the house. */
function agreedNow({ view, nowMs }: Look, { clockToleranceMs }: JudgeLimits): number {
  const { atMs } = view ?? {};
  return atMs !== undefined && Math.abs(atMs - nowMs) > clockToleranceMs ? atMs : nowMs;
}

/** True when this look would have found it again. */
function wasLookedAt({ ground, issuer = '' }: Suspicion, look: Look): boolean {
  if (ground === 'process') return false;
  if (ground === 'answer') return true;
  if (look.view === undefined) return false;
  if (ground === 'jwks') {
    const isAsked = look.view.keys.some((key) => key.issuer === issuer && isShown(key));
    // Of those that show no key any more, nothing is asked.
    return look.keySets.has(issuer) || !isAsked;
  }
  return ground === 'log' ? look.logsRead : true;
}

// C-02: who rotates the keys may die in silence, alone or with all of its house. Silence is counted by
// the watchdog's monotonic clock and only while it looks: no clock that is set, and no pause of the
// watchdog itself, makes any.

import type { JudgeLimits, Look, WatchMemory } from './look.ts';
import type { Suspicion } from './suspicion.ts';

/** Ms of the watchdog's life since the last look; a gap in which it stood still counts as two looks. */
export function elapsedSince(
  memory: WatchMemory,
  look: Pick<Look, 'monotonicMs'>,
  { everyMs }: Pick<JudgeLimits, 'everyMs'>,
): number {
  const { monotonicMs } = memory;
  // Less than before: another process, whose clock began elsewhere.
  if (monotonicMs === undefined || look.monotonicMs < monotonicMs) return 0;
  return Math.min(look.monotonicMs - monotonicMs, 2 * everyMs);
}

/** For how long the last turn of the rotator has been the last. */
export function followTick(
  memory: WatchMemory,
  { view }: Look,
  elapsedMs: number,
): WatchMemory['tick'] {
  const pulse = view?.rotator;
  if (pulse === undefined) return memory.tick;
  const { lastTickMs } = pulse;
  if (memory.tick?.lastTickMs !== lastTickMs) return { lastTickMs, sameMs: 0 };
  return { lastTickMs, sameMs: memory.tick.sameMs + elapsedMs };
}

export function suspectSilence(
  look: Look,
  tick: WatchMemory['tick'],
  limits: JudgeLimits,
): Suspicion[] {
  const { view, failure = 'no answer' } = look;
  if (view === undefined) {
    return [
      {
        ...{ code: 'server_silent', ground: 'answer', severity: 'critical' },
        message: `The server gives no usable answer about its keys: ${failure}`,
        facts: {},
        patienceMs: limits.silenceMs,
      },
    ];
  }
  const { rotator, atMs } = view;
  const found: Suspicion[] = [];
  if (rotator === undefined) {
    found.push({
      ...{ code: 'rotator_unknown', ground: 'view', severity: 'high' },
      message: 'The server does not say when its rotator last ran.',
      facts: {},
      patienceMs: limits.silenceMs,
    });
  } else if (tick !== undefined && tick.sameMs >= allowedSilence(rotator, limits)) {
    found.push({
      ...{ code: 'rotator_silent', ground: 'view', severity: 'critical' },
      message:
        'The rotator has not run for longer than it said it would: keys grow old by themselves.',
      facts: { silentSeconds: Math.round(tick.sameMs / 1000), lastTickMs: rotator.lastTickMs },
      patienceMs: 0,
    });
  }
  if (rotator?.failed !== undefined) {
    found.push({
      ...{ code: 'rotator_failing', ground: 'view', severity: 'high' },
      message: 'The rotator runs and fails.',
      facts: { failed: rotator.failed.slice(0, 200) },
      patienceMs: Math.max(limits.silenceMs, 2 * periodOf(rotator)),
    });
  }
  if (atMs !== undefined && Math.abs(atMs - look.nowMs) > limits.clockToleranceMs) {
    found.push({
      ...{ code: 'clocks_differ', ground: 'view', severity: 'high' },
      message: 'The clock of the server and that of its watchdog are apart: one of them is wrong.',
      facts: { apartSeconds: Math.round((look.nowMs - atMs) / 1000) },
      patienceMs: limits.everyMs,
    });
  }
  return found;
}

function allowedSilence(
  rotator: { lastTickMs: number; nextTickMs: number },
  { missedTurns, silenceMs, longestSilenceMs }: JudgeLimits,
): number {
  const announced = missedTurns * periodOf(rotator);
  // Bounded: a rotator that announces its next turn for next year is silent, too.
  return Math.min(Math.max(announced, silenceMs), longestSilenceMs);
}

function periodOf({ lastTickMs, nextTickMs }: { lastTickMs: number; nextTickMs: number }): number {
  return Math.max(0, nextTickMs - lastTickMs);
}

// Measuring: contestants take turns, round after round, so that a machine that slows down slows
// all of them; the median round is what is quoted.

import { cpus, release, totalmem } from 'node:os';

export interface Contestant {
  name: string;
  /** Runs `count` operations one after the other. */
  run(count: number): Promise<void> | void;
}

export interface Timing {
  name: string;
  /** Median over the rounds. */
  microsecondsEach: number;
  /** Slowest round over fastest: how noisy the machine was. */
  spread: number;
}

export interface RoundPlan {
  rounds: number;
  /** Wall time one contestant gets in one round. */
  roundMs: number;
}

export async function measureInTurns(
  contestants: Contestant[],
  plan: RoundPlan,
): Promise<Timing[]> {
  const counts = new Map<Contestant, number>();
  for (const contestant of contestants)
    counts.set(contestant, await calibrate(contestant, plan.roundMs));
  const samples = new Map<Contestant, number[]>(contestants.map((contestant) => [contestant, []]));
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const contestant of contestants) {
      const count = counts.get(contestant) ?? 1;
      const startedMs = performance.now();
      await contestant.run(count);
      samples.get(contestant)?.push(((performance.now() - startedMs) * 1000) / count);
    }
  }
  return contestants.map((contestant) => {
    const sorted = (samples.get(contestant) ?? []).sort((a, b) => a - b);
    return {
      name: contestant.name,
      microsecondsEach: median(sorted),
      spread: (sorted.at(-1) ?? 0) / (sorted[0] ?? 1),
    };
  });
}

/** How many operations fill one round, found while the code warms up. */
async function calibrate({ run }: Contestant, roundMs: number): Promise<number> {
  let count = 16;
  for (;;) {
    const startedMs = performance.now();
    await run(count);
    const tookMs = performance.now() - startedMs;
    if (tookMs >= roundMs / 2) return Math.max(1, Math.round((count * roundMs) / tookMs));
    count *= 2;
  }
}

export function median(sorted: number[]): number {
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Value below which `share` of the sorted samples lie. */
export function percentile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function describeMachine(): string {
  const [cpu] = cpus();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, ${gibibytes} GiB, Linux ${release()}, Node ${process.versions.node}`;
}

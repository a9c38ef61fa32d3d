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
  /** Processor time of this process, all its threads: median over the rounds. */
  cpuMicroseconds: number;
  /** Wall time: median over the rounds. */
  wallMicroseconds: number;
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
  const samples = new Map<Contestant, Sample[]>(contestants.map((contestant) => [contestant, []]));
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const contestant of contestants) {
      samples.get(contestant)?.push(await sample(contestant, counts.get(contestant) ?? 1));
    }
  }
  return contestants.map((contestant) => {
    const of = (pick: (one: Sample) => number): number[] =>
      (samples.get(contestant) ?? []).map(pick).sort((a, b) => a - b);
    const wall = of((one) => one.wall);
    return {
      name: contestant.name,
      cpuMicroseconds: median(of((one) => one.cpu)),
      wallMicroseconds: median(wall),
      spread: (wall.at(-1) ?? 0) / (wall[0] ?? 1),
    };
  });
}

interface Sample {
  cpu: number;
  wall: number;
}

async function sample({ run }: Contestant, count: number): Promise<Sample> {
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  await run(count);
  const wall = ((performance.now() - startedMs) * 1000) / count;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { cpu: (user + system) / count, wall };
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

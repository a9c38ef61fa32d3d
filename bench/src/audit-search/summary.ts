// Percentiles and goals of this section.

import type { Goal } from '../report.ts';

export function percentileOf(samples: readonly number[], part: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1);
  return sorted[Math.max(0, at)] ?? 0;
}

export function goalOf(what: string, goal: string, measuredMs: number, belowMs: number): Goal {
  return { what, goal, measured: `${measuredMs.toFixed(0)} ms`, met: measuredMs < belowMs };
}

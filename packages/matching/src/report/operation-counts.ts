// How the uses of each operation were joined, and why not: a log is as good as what of it can be joined.

import type { Judgement } from '../judge/judgement.ts';

export interface Counts {
  uses: number;
  token: number;
  session: number;
  weak: number;
  unissued: number;
  undecided: number;
  unjoinable: number;
  /** Why undecided or unjoinable, by code. */
  why: Record<string, number>;
}

export interface OperationCounts extends Counts {
  operation: string;
}

/** Where operations beyond the bound are counted together. */
export const OTHERS = '(others)';

export class OperationBook {
  readonly #most: number;
  readonly #operations = new Map<string, Counts>();
  readonly total = emptyCounts();

  constructor(most: number) {
    this.#most = most;
  }

  add(operation: string, judgement: Judgement): void {
    count(this.total, judgement);
    const full = this.#operations.size >= this.#most && !this.#operations.has(operation);
    const name = full ? OTHERS : operation;
    let counts = this.#operations.get(name);
    if (counts === undefined) {
      counts = emptyCounts();
      this.#operations.set(name, counts);
    }
    count(counts, judgement);
  }

  /** Most uses first. */
  list(): OperationCounts[] {
    return [...this.#operations]
      .map(([operation, counts]) => ({ operation, ...counts }))
      .sort((a, b) => b.uses - a.uses || a.operation.localeCompare(b.operation));
  }
}

function emptyCounts(): Counts {
  return {
    ...{ uses: 0, token: 0, session: 0, weak: 0 },
    ...{ unissued: 0, undecided: 0, unjoinable: 0, why: {} },
  };
}

function count(counts: Counts, { outcome, why }: Judgement): void {
  counts.uses += 1;
  counts[outcome] += 1;
  if (why !== undefined) counts.why[why] = (counts.why[why] ?? 0) + 1;
}

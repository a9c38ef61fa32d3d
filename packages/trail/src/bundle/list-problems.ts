// Collects problems: bounded, and neighbours that say the same of adjoining numbers become one.

import type { BundleProblem, BundleVerdict } from './verdict.ts';

const MOST_PROBLEMS = 1_000;

export class ProblemList {
  readonly all: BundleProblem[] = [];
  leftOut = 0;
  /** Of all, also of those that are left out: the list is bounded, what they mean is not. */
  readonly #faults = new Set<BundleProblem['fault']>();
  readonly #levels = new Set<BundleProblem['level']>();

  add(problem: BundleProblem): void {
    this.#faults.add(problem.fault);
    this.#levels.add(problem.level);
    if (this.#extendsLast(problem)) return;
    if (this.all.length < MOST_PROBLEMS) this.all.push({ ...problem });
    else this.leftOut += 1;
  }

  /** True when one of these levels has a problem. */
  concerns(...levels: readonly BundleProblem['level'][]): boolean {
    return levels.some((level) => this.#levels.has(level));
  }

  worst(): Exclude<BundleVerdict['verdict'], 'whole' | 'gap'> | undefined {
    if (this.#faults.has('invalid')) return 'invalid';
    if (this.#faults.has('missing')) return 'missing';
    return this.#faults.has('truncated_tail') ? 'truncated_tail' : undefined;
  }

  #extendsLast(problem: BundleProblem): boolean {
    const last = this.all.at(-1);
    if (last?.last === undefined || problem.first !== last.last + 1) return false;
    const same = (['fault', 'alteration', 'level', 'segment', 'message'] as const).every(
      (member) => last[member] === problem[member],
    );
    if (same) last.last = problem.last;
    return same;
  }
}

export function faulty(
  fault: BundleProblem['fault'],
  alteration: BundleProblem['alteration'],
  level: BundleProblem['level'],
  message: string,
): BundleProblem {
  return { fault, alteration, level, message };
}

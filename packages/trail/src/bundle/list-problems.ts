// Collects problems: bounded, and neighbours that say the same of adjoining numbers become one.

import type { BundleProblem, BundleVerdict } from './verdict.ts';

const MOST_PROBLEMS = 1_000;

export class ProblemList {
  readonly all: BundleProblem[] = [];
  leftOut = 0;

  add(problem: BundleProblem): void {
    if (this.#extendsLast(problem)) return;
    if (this.all.length < MOST_PROBLEMS) this.all.push({ ...problem });
    else this.leftOut += 1;
  }

  /** True when one of these levels has a problem. */
  concerns(...levels: readonly BundleProblem['level'][]): boolean {
    return this.all.some(({ level }) => levels.includes(level));
  }

  worst(): Exclude<BundleVerdict['verdict'], 'whole' | 'gap'> | undefined {
    const faults = new Set(this.all.map(({ fault }) => fault));
    if (faults.has('invalid')) return 'invalid';
    if (faults.has('missing')) return 'missing';
    return faults.has('truncated_tail') ? 'truncated_tail' : undefined;
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

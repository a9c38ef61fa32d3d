// What is wrong with a filter, where, and what to do. The place is exact, so that a page or a terminal can
// point at it.

import { CodedError } from '@countersign/vocabulary';

export type SearchCode = 'filter_malformed';

export interface FilterProblem {
  /** Characters (UTF-16 units) before the place. */
  position: number;
  /** Characters that are wrong; 0 where something is missing. */
  length: number;
  /** What is wrong. */
  message: string;
  /** What to do. */
  advice: string;
}

/** Thrown inside the room only; it leaves as a value or as a CodedError. */
export class FilterFault extends Error {
  readonly problem: FilterProblem;

  constructor(problem: FilterProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

export function fault(
  { position, length }: { position: number; length: number },
  message: string,
  advice: string,
): FilterFault {
  return new FilterFault({ position, length, message, advice });
}

/** For whoever only has a line of text: counts characters from 1, as editors do. */
export function describeProblem({ position, message, advice }: FilterProblem): string {
  return `Filter, character ${position + 1}: ${message} ${advice}`;
}

export function refuseFilter(problem: FilterProblem): CodedError<SearchCode> {
  return new CodedError('filter_malformed', describeProblem(problem));
}

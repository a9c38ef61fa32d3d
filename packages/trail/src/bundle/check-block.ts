// The events that follow one line of leaves, held against it. Whether these leaves are the ones that
// were sealed shows only at the end of the section, so what differs is kept until then.

import { Buffer } from 'node:buffer';
import { TRAIL_HASH_BYTES } from '../leaf/hash-event.ts';
import type { ProblemList } from './list-problems.ts';
import type { BundleProblem } from './verdict.ts';

const ABSENT = 0;
const GOOD = 1;
/** Another event stands under this number. */
const OTHER = 2;
const ERASED = 3;
const WITHHELD = 4;

export interface BlockTotals {
  events: number;
  erased: number;
  withheld: number;
}

/** An event that is not the one its leaf in the list was made from. */
export interface Suspicion {
  number: number;
  alteration: 'flipped' | 'replayed' | 'reordered';
}

export class BlockCheck {
  readonly first: number;
  readonly last: number;
  readonly leaves: Buffer;
  /** By position: leaves of events that stand under a number for which the list has another. */
  readonly differing = new Map<number, string>();
  readonly totals: BlockTotals = { events: 0, erased: 0, withheld: 0 };
  readonly #text: string;
  readonly #states: Uint8Array;
  readonly #problems: ProblemList;
  #highest = -1;
  #homes: Map<string, number> | undefined;

  constructor(first: number, leaves: Buffer, problems: ProblemList) {
    const count = leaves.length / TRAIL_HASH_BYTES;
    this.first = first;
    this.last = first + count - 1;
    this.leaves = leaves;
    this.#text = leaves.toString('latin1');
    this.#states = new Uint8Array(count);
    this.#problems = problems;
  }

  /** @returns true for the event that the list names for this number, when it comes the first time */
  event(number: number, leaf: string): boolean {
    const at = number - this.first;
    if (at < 0) {
      this.#report('replayed', number, 'An event comes again after its place.');
      return false;
    }
    if (number > this.last) {
      this.#problems.add({
        ...{ fault: 'invalid', alteration: 'dropped', level: 'leaves' },
        ...{ first: number, last: number, message: 'An event comes without its leaf in the list.' },
      });
      return false;
    }
    if (!this.#text.startsWith(leaf, at * TRAIL_HASH_BYTES)) {
      this.#takeOther(number, leaf);
      return false;
    }
    const state = this.#states[at];
    if (state !== ABSENT && state !== OTHER) {
      const message =
        state === GOOD
          ? 'An event is there twice.'
          : 'An event is there that is called erased or withheld.';
      this.#report('replayed', number, message);
      return false;
    }
    if (at < this.#highest) this.#report('reordered', number, 'An event is out of its order.');
    this.#highest = Math.max(this.#highest, at);
    this.#states[at] = GOOD;
    this.totals.events += 1;
    return true;
  }

  erased(number: number): boolean {
    return this.#declare(number, number, ERASED);
  }

  withheld(first: number, last: number): boolean {
    return this.#declare(first, last, WITHHELD);
  }

  /**
   * Reports what is not there; returns what contradicts the list, to be judged with it.
   * @param cut true when the file ends here: what is not there at the end was cut off with the rest
   */
  close(cut: boolean): Suspicion[] {
    const suspicions = [...this.differing].map(([at, leaf]) => this.#suspect(at, leaf));
    const end = cut ? this.#states.findLastIndex((state) => state !== ABSENT) + 1 : Infinity;
    for (
      let at = this.#states.indexOf(ABSENT);
      at >= 0;
      at = this.#states.indexOf(ABSENT, at + 1)
    ) {
      const number = this.first + at;
      const numbers = { first: number, last: number };
      this.#problems.add(at < end ? { ...DROPPED, ...numbers } : { ...CUT_OFF, ...numbers });
    }
    return suspicions;
  }

  #suspect(at: number, leaf: string): Suspicion {
    const number = this.first + at;
    const home = this.#homeOf(leaf);
    if (home === undefined) return { number, alteration: 'flipped' };
    return { number, alteration: this.#states[home] === GOOD ? 'replayed' : 'reordered' };
  }

  #declare(first: number, last: number, state: number): boolean {
    if (first < this.first || last > this.last || first > last) return false;
    const places = this.#states.subarray(first - this.first, last - this.first + 1);
    if (places.some((known) => known !== ABSENT)) return false;
    places.fill(state);
    if (state === ERASED) this.totals.erased += places.length;
    else this.totals.withheld += places.length;
    return true;
  }

  #takeOther(number: number, leaf: string): void {
    const at = number - this.first;
    this.differing.set(at, leaf);
    if (this.#states[at] === ABSENT) this.#states[at] = OTHER;
  }

  #homeOf(leaf: string): number | undefined {
    if (this.#homes === undefined) {
      this.#homes = new Map();
      for (let at = 0; at < this.#states.length; at += 1) {
        const start = at * TRAIL_HASH_BYTES;
        this.#homes.set(this.#text.slice(start, start + TRAIL_HASH_BYTES), at);
      }
    }
    return this.#homes.get(leaf);
  }

  #report(alteration: 'replayed' | 'reordered', number: number, message: string): void {
    this.#problems.add({
      ...{ fault: 'invalid', alteration, level: 'event', first: number, last: number, message },
    });
  }
}

const DROPPED: BundleProblem = {
  ...{ fault: 'missing', alteration: 'dropped', level: 'event' },
  message: 'Events are not there, and nothing says that they were erased or withheld.',
};

const CUT_OFF: BundleProblem = {
  ...{ fault: 'truncated_tail', alteration: 'truncated', level: 'bundle' },
  message: 'The file ends in the middle of the events.',
};

/** The leaves of a block as the events in it make them. */
export function computedLeaves({ leaves, differing }: BlockCheck): Buffer {
  const computed = Buffer.from(leaves);
  for (const [at, leaf] of differing) computed.write(leaf, at * TRAIL_HASH_BYTES, 'latin1');
  return computed;
}

// One section of a bundle: its leaves in the order of their numbers, which make the root of the
// segment's manifest and lead the chain from the head before it to the head after it.

import type { Buffer } from 'node:buffer';
import { encodeHex, RootAccumulator } from '@countersign/verifier';
import { extendHead } from '../leaf/chain.ts';
import { TRAIL_HASH_BYTES } from '../leaf/hash-event.ts';
import { BlockCheck, type BlockTotals, computedLeaves, type Suspicion } from './check-block.ts';
import type { ProblemList } from './list-problems.ts';
import type { PinWatch } from './watch-pins.ts';

export interface SectionFrame {
  first: number;
  last: number;
  headBefore: Uint8Array;
  /** Undefined for the tail, which nothing is said of but in the anchor. */
  segment: number | undefined;
  /** Lower-case hex; undefined for the tail. */
  root: string | undefined;
  /** Lower-case hex: what the manifest says, or the anchor. */
  headAfter: string | undefined;
}

/** `unproven`: neither the list nor the events make what the frame says. */
export type SectionState = 'sound' | 'altered' | 'unproven' | 'withheld';

export interface SectionEnd extends BlockTotals {
  state: SectionState;
}

interface Line {
  head: Uint8Array;
  root: RootAccumulator;
}

const MOST_SUSPICIONS = 1_000;

export class SectionCheck {
  readonly frame: SectionFrame;
  readonly #problems: ProblemList;
  readonly #pins: PinWatch;
  readonly #totals: BlockTotals = { events: 0, erased: 0, withheld: 0 };
  readonly #suspicions: Suspicion[] = [];
  /** Along the leaves of the list. */
  #listed: Line;
  /** Along the leaves that the events make, once one of them is not in the list. */
  #computed: Line | undefined;
  #broken = false;
  #next: number;
  #block: BlockCheck | undefined;

  constructor(frame: SectionFrame, problems: ProblemList, pins: PinWatch) {
    this.frame = frame;
    this.#problems = problems;
    this.#pins = pins;
    this.#listed = { head: frame.headBefore, root: new RootAccumulator() };
    this.#next = frame.first;
  }

  get block(): BlockCheck | undefined {
    return this.#block;
  }

  /** Takes a line of leaves. @returns false when it cannot be of this section */
  leaves(first: number, leaves: Buffer): boolean {
    this.#closeBlock(false);
    const last = first + leaves.length / TRAIL_HASH_BYTES - 1;
    if (last > this.frame.last) return false;
    if (first < this.#next) {
      this.#report('replayed', first, last, 'A line of leaves comes again or out of its order.');
      return true;
    }
    if (first > this.#next) this.#report('dropped', this.#next, first - 1, DROPPED);
    this.#next = last + 1;
    this.#block = new BlockCheck(first, leaves, this.#problems);
    return true;
  }

  /** @param cut true when the file ends in this section */
  close(cut: boolean): SectionEnd {
    this.#closeBlock(cut);
    const { first, last } = this.frame;
    if (this.#next === first && this.frame.segment !== undefined && !this.#broken) {
      return { ...this.#totals, withheld: last - first + 1, state: 'withheld' };
    }
    if (this.#next <= last) {
      // What a file that ends here does not hold is told once, with all that comes after it.
      if (cut) this.#broken = true;
      else this.#report('dropped', this.#next, last, DROPPED);
    }
    return { ...this.#totals, state: this.#broken ? 'altered' : this.#judge() };
  }

  #judge(): SectionState {
    if (this.#makesFrame(this.#listed)) {
      this.#tell('event', 'An event is not the one that was sealed under its number.');
      return this.#suspicions.length === 0 ? 'sound' : 'altered';
    }
    if (this.#computed !== undefined && this.#makesFrame(this.#computed)) {
      this.#tell('leaves', 'The list has another leaf than the event that was sealed.');
      return 'altered';
    }
    this.#tell('event', 'An event and the leaf in the list contradict each other.');
    return this.#suspicions.length === 0 ? 'unproven' : 'altered';
  }

  #makesFrame({ head, root }: Line): boolean {
    const { frame } = this;
    if (frame.root !== undefined && encodeHex(root.root()) !== frame.root) return false;
    return frame.headAfter === undefined || encodeHex(head) === frame.headAfter;
  }

  #closeBlock(cut: boolean): void {
    const block = this.#block;
    if (block === undefined) return;
    this.#block = undefined;
    const suspicions = block.close(cut);
    const room = MOST_SUSPICIONS - this.#suspicions.length;
    this.#suspicions.push(...suspicions.slice(0, Math.max(1, room)));
    for (const name of ['events', 'erased', 'withheld'] as const) {
      this.#totals[name] += block.totals[name];
    }
    if (suspicions.length > 0 && this.#computed === undefined) {
      this.#computed = { head: this.#listed.head, root: this.#listed.root.copy() };
    }
    if (this.#computed !== undefined) this.#extend(this.#computed, computedLeaves(block));
    this.#listed.head = this.#pins.follow(this.#listed.head, block.first, block.leaves);
    addAll(this.#listed.root, block.leaves);
  }

  #extend(line: Line, leaves: Buffer): void {
    line.head = extendHead(line.head, leaves);
    addAll(line.root, leaves);
  }

  #tell(level: 'event' | 'leaves', message: string): void {
    const { segment } = this.frame;
    for (const { number, alteration } of this.#suspicions) {
      const numbers = { first: number, last: number, segment };
      this.#problems.add({ fault: 'invalid', alteration, level, ...numbers, message });
    }
  }

  #report(alteration: 'dropped' | 'replayed', first: number, last: number, message: string): void {
    this.#broken = true;
    const fault = alteration === 'dropped' ? 'missing' : 'invalid';
    const { segment } = this.frame;
    this.#problems.add({ fault, alteration, level: 'leaves', first, last, segment, message });
  }
}

const DROPPED = 'Leaves are not in the list, and the events cannot be held against the chain.';

function addAll(root: RootAccumulator, leaves: Buffer): void {
  for (let at = 0; at < leaves.length; at += TRAIL_HASH_BYTES) {
    root.add(leaves.subarray(at, at + TRAIL_HASH_BYTES));
  }
}

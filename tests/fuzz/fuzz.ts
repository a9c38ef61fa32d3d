// A small mutation fuzzer: takes genuine inputs apart for a bounded time and holds the parser to
// its promise. What is accepted joins the inputs, so that it works its way into a format.

import { seededRandom } from '@countersign/vocabulary';

export interface FuzzTarget {
  name: string;
  /** Genuine inputs; each must be accepted. */
  corpus: readonly Uint8Array[];
  /**
   * Parses one input. True when it was accepted, false when it was refused as the parser promises.
   * @throws anything else: a crash, a wrong kind of error, a second spelling of one value
   */
  accepts(input: Uint8Array): boolean;
}

export interface FuzzOutcome {
  runs: number;
  /** Mutated inputs that were accepted: none in a long run means that the corpus is not understood. */
  accepted: number;
  failure: { input: Uint8Array; error: unknown } | undefined;
}

const LARGEST_CORPUS = 256;
const MOST_EDITS = 4;
/** Values at which sizes, counts and versions turn. */
const EDGES = [0x00, 0x01, 0x02, 0x7f, 0x80, 0xff, 0x0a, 0x20, 0x2b, 0x2d, 0x2e, 0x30, 0x3d, 0x78];

/** @param seed replays a run, given the same time or `mostRuns` */
export function fuzz(target: FuzzTarget, seed: number, forMs: number): FuzzOutcome {
  const dice = new Dice(seed);
  const genuine = target.corpus;
  // What was accepted on the way; every other input starts from a genuine one all the same.
  const found = [...genuine];
  const endMs = performance.now() + forMs;
  let [runs, accepted] = [0, 0];
  // Looking at the clock costs more than many a parser.
  for (; runs % 64 !== 0 || performance.now() < endMs; runs += 1) {
    const input = mutate(dice, dice.below(2) === 0 ? genuine : found);
    try {
      if (!target.accepts(input)) continue;
    } catch (error) {
      return { runs, accepted, failure: { input, error } };
    }
    accepted += 1;
    if (found.length < LARGEST_CORPUS) found.push(input);
    else found[dice.below(found.length)] = input;
  }
  return { runs, accepted, failure: undefined };
}

function mutate(dice: Dice, inputs: readonly Uint8Array[]): Uint8Array {
  let input = dice.pick(inputs);
  for (let edits = 1 + dice.below(MOST_EDITS); edits > 0; edits -= 1) {
    input = edit(dice, input, inputs);
  }
  return input;
}

function edit(dice: Dice, input: Uint8Array, inputs: readonly Uint8Array[]): Uint8Array {
  const at = placeIn(dice, input);
  const copy = Uint8Array.from(input);
  switch (dice.below(8)) {
    case 0:
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << dice.below(8));
      return copy;
    case 1:
      if (at < copy.length) copy[at] = dice.pick(EDGES);
      return copy;
    case 2:
      return splice(input, at, 0, Uint8Array.of(dice.pick(EDGES)));
    case 3:
      return splice(input, at, 1 + dice.below(4), new Uint8Array(0));
    case 4:
      return input.slice(0, at);
    case 5: {
      // A stretch of it once more: repeated lines, hashes, records.
      const end = at + dice.below(input.length - at + 1);
      return splice(input, dice.below(input.length + 1), 0, input.slice(at, end));
    }
    case 6: {
      const other = dice.pick(inputs);
      const from = dice.below(other.length + 1);
      return splice(input, at, dice.below(40), other.slice(from, from + dice.below(40)));
    }
    default:
      return splice(input, input.length, 0, Uint8Array.of(dice.pick(EDGES)));
  }
}

/** Any place, or every third time one beside a newline or space, where text formats have joints. */
function placeIn(dice: Dice, input: Uint8Array): number {
  const place = dice.below(input.length + 1);
  if (dice.below(3) !== 0) return place;
  const joint = input.findIndex((byte, at) => at >= place && (byte === 0x0a || byte === 0x20));
  return joint < 0 ? place : joint + dice.below(2);
}

function splice(input: Uint8Array, at: number, remove: number, add: Uint8Array): Uint8Array {
  const rest = input.subarray(Math.min(input.length, at + remove));
  const result = new Uint8Array(at + add.length + rest.length);
  result.set(input.subarray(0, at));
  result.set(add, at);
  result.set(rest, at + add.length);
  return result;
}

class Dice {
  readonly #random: ReturnType<typeof seededRandom>;
  #pool: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  below(limit: number): number {
    if (this.#at + 4 > this.#pool.length) {
      this.#pool = this.#random.bytes(4096);
      this.#at = 0;
    }
    const value = new DataView(this.#pool.buffer, this.#pool.byteOffset + this.#at).getUint32(0);
    this.#at += 4;
    return value % Math.max(1, limit);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }
}

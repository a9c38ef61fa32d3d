// The rows of a frame while it is read: 40 bytes each, in chunks, so that growing copies nothing. Turned
// into a frame column by column, each given up as it is done.

import { emptyTraits, TRAITS, type Trait, type TraitColumns } from '../logins.ts';

const CHUNK = 2 ** 18;

/** What is kept of a row. */
export type KeptRow = Record<Trait, number> & { user: number; timeMs: number };

export class LoginColumns {
  size = 0;
  /** Whether each came after the one before. */
  isInOrder = true;
  #lastMs = Number.NEGATIVE_INFINITY;
  #user: Uint32Array[] = [];
  #timeMs: Float64Array[] = [];
  #traits = new Map<Trait, Uint32Array[]>(TRAITS.map((trait) => [trait, []]));

  add(row: KeptRow): void {
    const at = this.size % CHUNK;
    if (at === 0) {
      this.#user.push(new Uint32Array(CHUNK));
      this.#timeMs.push(new Float64Array(CHUNK));
      for (const chunks of this.#traits.values()) chunks.push(new Uint32Array(CHUNK));
    }
    this.#user.at(-1)![at] = row.user;
    this.#timeMs.at(-1)![at] = row.timeMs;
    for (const trait of TRAITS) this.#traits.get(trait)!.at(-1)![at] = row[trait];
    if (row.timeMs < this.#lastMs) this.isInOrder = false;
    this.#lastMs = row.timeMs;
    this.size++;
  }

  /** Columns in order of time, of the same time as they came. Empties this. */
  take(): { user: Uint32Array; timeMs: Float64Array; traits: TraitColumns } {
    const { size } = this;
    const unsorted = join(this.#timeMs, new Float64Array(size));
    const order = this.isInOrder ? undefined : new Uint32Array(size).map((_, at) => at);
    order?.sort((one, other) => unsorted[one]! - unsorted[other]! || one - other);
    const arrange = (column: Uint32Array): Uint32Array =>
      order === undefined ? column : order.map((at) => column[at]!);
    const traits = emptyTraits(0);
    for (const trait of TRAITS)
      traits[trait] = arrange(join(this.#traits.get(trait)!, new Uint32Array(size)));
    const user = arrange(join(this.#user, new Uint32Array(size)));
    const timeMs = order === undefined ? unsorted : Float64Array.from(order, (at) => unsorted[at]!);
    this.size = 0;
    return { user, timeMs, traits };
  }
}

function join<T extends Uint32Array | Float64Array>(chunks: T[], whole: T): T {
  for (let at = 0; chunks.length > 0; at += CHUNK) {
    const chunk = chunks.shift()!;
    whole.set(chunk.subarray(0, Math.min(CHUNK, whole.length - at)), at);
  }
  return whole;
}

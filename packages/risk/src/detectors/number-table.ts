// Rows of numbers by a key that is a number: what detectors keep between acts. The row that was not
// touched for longest makes room for a new one; as bytes it is its numbers and nothing else.

import { RiskError } from '../risk-error.ts';

export class NumberTable {
  readonly width: number;
  readonly mostRows: number;
  /** In the order of their last touch. */
  readonly #rows = new Map<number, Float64Array>();

  constructor(width: number, mostRows: number) {
    this.width = width;
    this.mostRows = mostRows;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Looks only: does not keep the row from being the next to go. */
  find(key: number): Float64Array | undefined {
    return this.#rows.get(key);
  }

  /** The row to write into; zeros where there was none. */
  touch(key: number): Float64Array {
    const row = this.#rows.get(key) ?? new Float64Array(this.width);
    this.#rows.delete(key);
    this.#rows.set(key, row);
    if (this.#rows.size > this.mostRows) {
      const [oldest] = this.#rows.keys();
      if (oldest !== undefined) this.#rows.delete(oldest);
    }
    return row;
  }

  remove(key: number): void {
    this.#rows.delete(key);
  }

  /** Key and row, one after the other, in the order of their last touch. */
  numbers(): Float64Array {
    const out = new Float64Array(this.#rows.size * (this.width + 1));
    let at = 0;
    for (const [key, row] of this.#rows) {
      out[at] = key;
      out.set(row, at + 1);
      at += this.width + 1;
    }
    return out;
  }

  /** @throws RiskError `bad_detectors`: not numbers that `numbers` gave. */
  load(numbers: Float64Array): void {
    const stride = this.width + 1;
    const rows = numbers.length / stride;
    if (!Number.isInteger(rows) || rows > this.mostRows || !numbers.every(Number.isFinite)) {
      throw new RiskError('bad_detectors', 'What detectors kept cannot be read.');
    }
    this.#rows.clear();
    for (let at = 0; at < numbers.length; at += stride) {
      const key = numbers[at] ?? 0;
      if (!Number.isSafeInteger(key) || this.#rows.has(key)) {
        throw new RiskError('bad_detectors', 'What detectors kept holds a key that is none.');
      }
      this.#rows.set(key, numbers.slice(at + 1, at + stride));
    }
  }
}

/** Puts a value into the first free of some places of a row; true if it was not there and had room. */
export function addToSet(row: Float64Array, from: number, places: number, value: number): boolean {
  for (let at = from; at < from + places; at++) {
    if (row[at] === value) return false;
    if (row[at] === 0) {
      row[at] = value;
      return true;
    }
  }
  return false;
}

/** How many of the places are taken. */
export function sizeOfSet(row: Float64Array, from: number, places: number): number {
  let size = 0;
  while (size < places && row[from + size] !== 0) size++;
  return size;
}

export function isInSet(row: Float64Array, from: number, places: number, value: number): boolean {
  for (let at = from; at < from + places && row[at] !== 0; at++) if (row[at] === value) return true;
  return false;
}

// Rows of numbers by a key that is a number: what detectors keep between acts. The row that was not
// touched for longest makes room for a new one. All rows lie in one array, because the table is written
// out every few seconds while people sign in: that is one copy, and nothing per row but its key.

import { RiskError } from '../risk-error.ts';

const FIRST_ROWS = 64;

export class NumberTable {
  readonly width: number;
  readonly mostRows: number;
  /** Where in the array the row of a key begins, in the order of their last touch. */
  readonly #places = new Map<number, number>();
  /** Places that were given back. */
  readonly #free: number[] = [];
  #cells: Float64Array;
  /** Rows in use or given back. */
  #used = 0;

  constructor(width: number, mostRows: number) {
    this.width = width;
    this.mostRows = mostRows;
    this.#cells = new Float64Array(0);
  }

  get size(): number {
    return this.#places.size;
  }

  /** Looks only: does not keep the row from being the next to go. It holds until the next `touch`. */
  find(key: number): Float64Array | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#cells.subarray(place, place + this.width);
  }

  /** The row to write into, until the next `touch`; zeros where there was none. */
  touch(key: number): Float64Array {
    const known = this.#places.get(key);
    if (known !== undefined) {
      this.#places.delete(key);
      this.#places.set(key, known);
      return this.#cells.subarray(known, known + this.width);
    }
    if (this.#places.size >= this.mostRows) {
      const [oldest] = this.#places.keys();
      if (oldest !== undefined) this.remove(oldest);
    }
    const place = this.#free.pop() ?? this.#grow();
    this.#places.set(key, place);
    return this.#cells.subarray(place, place + this.width);
  }

  remove(key: number): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#places.delete(key);
    this.#cells.fill(0, place, place + this.width);
    this.#free.push(place);
  }

  /** Numbers of the table as they are written out: keys in the order of their last touch, then their rows. */
  get length(): number {
    return this.#places.size * (this.width + 1);
  }

  /** Writes them from a place on. @returns where they end. */
  writeInto(out: Float64Array, from: number): number {
    const { width } = this;
    let at = from;
    let cell = from + this.#places.size;
    for (const [key, place] of this.#places) {
      out[at++] = key;
      // Rows are short: copying them one number at a time is faster than by a view of each.
      for (let column = 0; column < width; column++) out[cell++] = this.#cells[place + column]!;
    }
    return cell;
  }

  /** @throws RiskError `bad_detectors`: not numbers that `writeInto` wrote. */
  load(numbers: Float64Array): void {
    const { width } = this;
    const rows = numbers.length / (width + 1);
    if (!Number.isInteger(rows) || rows > this.mostRows || !areNumbers(numbers)) {
      throw new RiskError('bad_detectors', 'What detectors kept cannot be read.');
    }
    this.#places.clear();
    this.#free.length = 0;
    this.#cells = numbers.slice(rows);
    this.#used = rows;
    for (let row = 0; row < rows; row++) {
      const key = numbers[row]!;
      if (!Number.isSafeInteger(key) || this.#places.has(key)) {
        throw new RiskError('bad_detectors', 'What detectors kept holds a key that is none.');
      }
      this.#places.set(key, row * width);
    }
  }

  #grow(): number {
    const place = this.#used * this.width;
    if (place === this.#cells.length) {
      const rows = Math.min(this.mostRows, Math.max(FIRST_ROWS, 2 * this.#used));
      const larger = new Float64Array(rows * this.width);
      larger.set(this.#cells);
      this.#cells = larger;
    }
    this.#used += 1;
    return place;
  }
}

function areNumbers(numbers: Float64Array): boolean {
  for (let at = 0; at < numbers.length; at++) if (!Number.isFinite(numbers[at]!)) return false;
  return true;
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

// Feature rows while they are gathered: one growing buffer, no object per row.

import type { Matrix } from '@countersign/learner';

export class RowStore {
  readonly columns: number;
  /** By row: 0 for a legitimate act, 1 + index of ATTACKS otherwise. */
  kinds = new Uint8Array(1024);
  /** By row: bucket of history. */
  buckets = new Uint8Array(1024);
  size = 0;
  #data: Float64Array;

  constructor(columns: number) {
    this.columns = columns;
    this.#data = new Float64Array(1024 * columns);
  }

  add(row: Float64Array, kind: number, bucket: number): void {
    if (this.size === this.kinds.length) this.#grow();
    this.#data.set(row, this.size * this.columns);
    this.kinds[this.size] = kind;
    this.buckets[this.size] = bucket;
    this.size++;
  }

  /** All rows, without copying them. */
  get data(): Float64Array {
    return this.#data.subarray(0, this.size * this.columns);
  }

  /** The rows whose kind is one of these, and 1 for those that are not legitimate. */
  select(kinds: ReadonlySet<number>): { x: Matrix; y: Uint8Array } {
    const { columns, size } = this;
    let rows = 0;
    for (let row = 0; row < size; row++) if (kinds.has(this.kinds[row]!)) rows++;
    const data = new Float64Array(rows * columns);
    const y = new Uint8Array(rows);
    let at = 0;
    for (let row = 0; row < size; row++) {
      if (!kinds.has(this.kinds[row]!)) continue;
      data.set(this.#data.subarray(row * columns, (row + 1) * columns), at * columns);
      y[at++] = this.kinds[row] === 0 ? 0 : 1;
    }
    return { x: { rows, columns, data }, y };
  }

  #grow(): void {
    const length = this.kinds.length * 2;
    const [kinds, buckets] = [new Uint8Array(length), new Uint8Array(length)];
    const data = new Float64Array(length * this.columns);
    kinds.set(this.kinds);
    buckets.set(this.buckets);
    data.set(this.#data);
    [this.kinds, this.buckets, this.#data] = [kinds, buckets, data];
  }
}

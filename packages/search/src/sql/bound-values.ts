// The values of a statement, in the order of their numbers.

export type SqlValue = string | number;

export class BoundValues {
  readonly values: SqlValue[] = [];
  readonly #taken: number;

  constructor(taken: number) {
    this.#taken = taken;
  }

  /** @returns what stands for the value in the SQL */
  add(value: SqlValue): string {
    this.values.push(value);
    return `$${this.#taken + this.values.length}`;
  }

  addAll(values: readonly SqlValue[]): string {
    return values.map((value) => this.add(value)).join(', ');
  }
}

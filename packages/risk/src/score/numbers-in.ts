// Bytes from a store back into numbers. They are a stranger's until each is in its range, so a number
// is never read without one.

/** Makes the error of whoever reads: what was wrong, for the detail. */
export type Refuse = (what: string) => Error;

export class NumbersIn {
  readonly #view: DataView;
  readonly #refuse: Refuse;
  #at = 0;

  constructor(bytes: Uint8Array, refuse: Refuse) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#refuse = refuse;
  }

  u8(what: string, most = 255): number {
    const at = this.#take(1, what);
    return this.#within(this.#view.getUint8(at), 0, most, what);
  }

  u32(what: string, most = 2 ** 32 - 1): number {
    const at = this.#take(4, what);
    return this.#within(this.#view.getUint32(at, true), 0, most, what);
  }

  f32(what: string, least: number, most: number): number {
    const at = this.#take(4, what);
    return this.#within(this.#view.getFloat32(at, true), least, most, what);
  }

  f64(what: string, least: number, most: number): number {
    const at = this.#take(8, what);
    return this.#within(this.#view.getFloat64(at, true), least, most, what);
  }

  /** A whole number. */
  whole(what: string, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.f64(what, 0, most);
    if (!Number.isInteger(value)) throw this.#refuse(what);
    return value;
  }

  raw(what: string, length: number): Uint8Array {
    const at = this.#take(length, what);
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, length).slice();
  }

  version(known: number): void {
    if (this.u8('version') !== known) throw this.#refuse('version');
  }

  /** Nothing may follow. */
  end(): void {
    if (this.#at !== this.#view.byteLength) throw this.#refuse('length');
  }

  /** What every check of the caller throws. */
  refuse(what: string): Error {
    return this.#refuse(what);
  }

  #take(length: number, what: string): number {
    const at = this.#at;
    if (at + length > this.#view.byteLength) throw this.#refuse(`length: ${what}`);
    this.#at += length;
    return at;
  }

  #within(value: number, least: number, most: number, what: string): number {
    if (!(value >= least && value <= most)) throw this.#refuse(what);
    return value;
  }
}

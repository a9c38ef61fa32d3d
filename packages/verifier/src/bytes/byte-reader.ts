// Reads big-endian fields in order and refuses to run over the end. Numbers reach 2^53-1 by
// arithmetic, because JavaScript's bit operators silently cut at 32 bits.

import { FormatError } from '../format-error.ts';

export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** A view, not a copy, of the next `count` bytes. @throws FormatError `bytes_malformed` */
  bytes(count: number): Uint8Array {
    if (count > this.remaining) {
      throw new FormatError('bytes_malformed', 'The input ends in the middle of a field.');
    }
    this.#offset += count;
    return this.#bytes.subarray(this.#offset - count, this.#offset);
  }

  u8(): number {
    return this.#number(1);
  }

  u16(): number {
    return this.#number(2);
  }

  u32(): number {
    return this.#number(4);
  }

  u48(): number {
    return this.#number(6);
  }

  /** @throws FormatError `number_out_of_range` above 2^53-1 */
  u64(): number {
    return this.#number(8);
  }

  /** One length byte, then that many bytes. */
  len8(): Uint8Array {
    return this.bytes(this.u8());
  }

  /** @throws FormatError `bytes_malformed` when bytes are left over */
  end(): void {
    if (this.remaining !== 0) {
      throw new FormatError('bytes_malformed', 'The input goes on after its last field.');
    }
  }

  #number(width: number): number {
    let value = 0;
    for (const byte of this.bytes(width)) value = value * 256 + byte;
    if (value > Number.MAX_SAFE_INTEGER) {
      throw new FormatError('number_out_of_range', 'A number in the input is above 2^53-1.');
    }
    return value;
  }
}

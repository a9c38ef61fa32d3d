// Writes big-endian fields in order into one buffer of known size. A number that does not fit its
// field is refused, never wrapped.

import { FormatError } from '../format-error.ts';

export class ByteWriter {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #offset = 0;

  /** @param size exact number of bytes that will be written */
  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
  }

  u8(value: number): this {
    return this.#number(value, 1);
  }

  u16(value: number): this {
    return this.#number(value, 2);
  }

  u32(value: number): this {
    return this.#number(value, 4);
  }

  u48(value: number): this {
    return this.#number(value, 6);
  }

  /** Up to 2^53-1. */
  u64(value: number): this {
    return this.#number(value, 8);
  }

  bytes(source: Uint8Array): this {
    if (this.#offset + source.length > this.#bytes.length) {
      throw new FormatError('bytes_malformed', 'More was written than was announced.');
    }
    this.#bytes.set(source, this.#offset);
    this.#offset += source.length;
    return this;
  }

  /** One length byte, then the bytes; over 255 bytes are refused. */
  len8(source: Uint8Array): this {
    return this.u8(source.length).bytes(source);
  }

  /** The finished buffer. @throws FormatError `bytes_malformed` when less was written than announced */
  finish(): Uint8Array<ArrayBuffer> {
    if (this.#offset !== this.#bytes.length) {
      throw new FormatError('bytes_malformed', 'Less was written than was announced.');
    }
    return this.#bytes;
  }

  #number(value: number, width: number): this {
    if (!Number.isSafeInteger(value) || value < 0 || value >= 256 ** width) {
      throw new FormatError('number_out_of_range', `A number does not fit in ${width} bytes.`);
    }
    if (this.#offset + width > this.#bytes.length) {
      throw new FormatError('bytes_malformed', 'More was written than was announced.');
    }
    let rest = value;
    for (let at = this.#offset + width - 1; at >= this.#offset; at -= 1) {
      this.#bytes[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#offset += width;
    return this;
  }
}

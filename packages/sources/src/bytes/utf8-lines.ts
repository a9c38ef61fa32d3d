// Pieces of bytes → pieces that end with a line, in UTF-8: a line that is not UTF-8 is read as
// Windows-1252 by itself. For formats that are parsed as a whole and not record by record.

import { isUtf8 } from 'node:buffer';
import { decodeRecord } from './decode-text.ts';

const LINE = 0x0a;
/** A longer line is handed on in pieces: whoever parses it will refuse it. */
const LONGEST_HELD_BYTES = 32 * 1024 * 1024;

export class Utf8Lines {
  readonly #tell: (line: number) => void;
  #held: Buffer[] = [];
  #size = 0;
  #line = 1;

  /** @param tell told of each line that is not UTF-8, counted from 1 */
  constructor(tell: (line: number) => void) {
    this.#tell = tell;
  }

  push(bytes: Buffer): Buffer {
    const last = bytes.lastIndexOf(LINE);
    if (last === -1 && this.#size < LONGEST_HELD_BYTES) {
      this.#held.push(bytes);
      this.#size += bytes.length;
      return Buffer.alloc(0);
    }
    const whole = Buffer.concat([...this.#held, bytes.subarray(0, last + 1)]);
    this.#held = [bytes.subarray(last + 1)];
    this.#size = bytes.length - last - 1;
    return this.#convert(whole);
  }

  end(): Buffer {
    const whole = Buffer.concat(this.#held);
    this.#held = [];
    return this.#convert(whole);
  }

  #convert(whole: Buffer): Buffer {
    const good = isUtf8(whole);
    const pieces: Buffer[] = [];
    for (let at = 0; at < whole.length; ) {
      const end = whole.indexOf(LINE, at);
      const next = end === -1 ? whole.length : end + 1;
      if (!good) pieces.push(this.#line1252(whole.subarray(at, next)));
      if (end !== -1) this.#line += 1;
      at = next;
    }
    return good ? whole : Buffer.concat(pieces);
  }

  #line1252(line: Buffer): Buffer {
    const { text, utf8 } = decodeRecord(line);
    if (utf8) return line;
    this.#tell(this.#line);
    return Buffer.from(text);
  }
}

// Rows of a CSV file of any size (RFC 4180: quoted fields, doubled quotes, either line end), as places in a
// buffer: no text is made of what nobody reads. A quote that is never closed costs its own line only.

export interface CsvRow {
  bytes: Uint8Array;
  /** By field: where it begins and ends, without its quotes. Reused for the next row. */
  from: Int32Array;
  to: Int32Array;
  fields: number;
}

const [COMMA, QUOTE, NEWLINE, RETURN] = [44, 34, 10, 13];
const [UNFINISHED, BROKEN] = [-1, -2];
const MOST_FIELDS = 64;
/** A longer row is not one: its quote was never closed, or this is no CSV. */
export const LONGEST_ROW = 64 * 1024;

export class CsvRows {
  readonly #onRow: (row: CsvRow) => void;
  readonly #row: CsvRow;
  #rest: Uint8Array = new Uint8Array();
  /** Lines that were given up. */
  broken = 0;

  constructor(onRow: (row: CsvRow) => void) {
    this.#onRow = onRow;
    this.#row = {
      ...{ bytes: this.#rest, fields: 0 },
      ...{ from: new Int32Array(MOST_FIELDS), to: new Int32Array(MOST_FIELDS) },
    };
  }

  push(chunk: Uint8Array): void {
    this.#read(this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]), false);
  }

  end(): void {
    const rest = this.#rest;
    if (rest.length > 0) this.#read(Buffer.concat([rest, Uint8Array.of(NEWLINE)]), true);
  }

  #read(bytes: Uint8Array, isLast: boolean): void {
    this.#row.bytes = bytes;
    let at = 0;
    while (at < bytes.length) {
      const next = this.#split(bytes, at);
      if (next > 0) {
        if (this.#row.fields > 1 || this.#row.to[0]! > this.#row.from[0]!) this.#onRow(this.#row);
        at = next;
        continue;
      }
      if (next === UNFINISHED && !isLast && bytes.length - at <= LONGEST_ROW) break;
      this.broken++;
      const lineEnd = bytes.indexOf(NEWLINE, at);
      at = lineEnd < 0 ? bytes.length : lineEnd + 1;
    }
    this.#rest = bytes.slice(at);
  }

  /** @returns where the next row begins; −1 when this one does not end here, −2 when it is none */
  #split(bytes: Uint8Array, start: number): number {
    const { from, to } = this.#row;
    const last = Math.min(bytes.length, start + LONGEST_ROW);
    let field = 0;
    for (let at = start; at < last; ) {
      const slot = Math.min(field, MOST_FIELDS - 1);
      if (bytes[at] === QUOTE) {
        const close = closingQuote(bytes, at + 1, last);
        if (close < 0) return UNFINISHED;
        from[slot] = at + 1;
        to[slot] = close;
        at = close + 1;
        if (bytes[at] === RETURN && bytes[at + 1] === NEWLINE) at++;
        // A quote closed by the opening one of a later field: it was never closed itself.
        if (at < last && bytes[at] !== COMMA && bytes[at] !== NEWLINE) return BROKEN;
      } else {
        from[slot] = at;
        while (at < last && bytes[at] !== COMMA && bytes[at] !== NEWLINE) at++;
        const isReturn = bytes[at] === NEWLINE && at > start && bytes[at - 1] === RETURN;
        to[slot] = Math.max(from[slot], isReturn ? at - 1 : at);
      }
      if (at >= last) return UNFINISHED;
      field++;
      at++;
      if (bytes[at - 1] === NEWLINE) {
        this.#row.fields = field;
        return at;
      }
    }
    return UNFINISHED;
  }
}

function closingQuote(bytes: Uint8Array, from: number, last: number): number {
  // Two bytes more than the quote: whether it is doubled, and whether a line end follows it.
  for (let at = from; at + 2 < last || (at + 1 < last && bytes[at + 1] === NEWLINE); at++) {
    if (bytes[at] !== QUOTE) continue;
    if (bytes[at + 1] !== QUOTE) return at;
    at++;
  }
  return -1;
}

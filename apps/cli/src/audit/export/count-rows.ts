// How far an export has come: whole rows, the number of the last of them, and where in the file it ends.
// What follows that place is half a row, and is cut off before an export goes on.

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
/**
 * Longest row that is looked at. A foreign record is kept up to 768 Ki characters of three bytes, with its
 * quotes escaped, and in a cell every quote twice.
 */
const LONGEST_ROW_BYTES = 16 * 1024 * 1024;
const NUMBER_IN_CSV = /^(\d{1,16}),/;

export class RowCounter {
  readonly #csv: boolean;
  #half: Buffer = Buffer.alloc(0);
  #quoted = false;
  #bytes = 0;
  /** A table has a row of names before its events. */
  headSeen: boolean;
  /** Rows that are events. */
  rows = 0;
  /** Number of the last of them; 0 when there is none. */
  lastNumber = 0;
  /** Where the last whole row ends. */
  wholeBytes = 0;

  constructor(format: 'ndjson' | 'csv') {
    this.#csv = format === 'csv';
    this.headSeen = !this.#csv;
  }

  /** @throws RangeError when a row is longer than any event */
  add(chunk: Uint8Array): void {
    const data = this.#half.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#half, chunk]);
    let rowStart = 0;
    let last: Buffer | undefined;
    for (let at = this.#half.length; at < data.length; at += 1) {
      const byte = data[at];
      if (this.#csv && byte === QUOTE) this.#quoted = !this.#quoted;
      if (byte !== LINE_FEED || this.#quoted) continue;
      if (this.headSeen) {
        this.rows += 1;
        last = data.subarray(rowStart, at);
      }
      this.headSeen = true;
      rowStart = at + 1;
    }
    this.wholeBytes = this.#bytes - this.#half.length + rowStart;
    this.#bytes += chunk.length;
    this.#half = Buffer.from(data.subarray(rowStart));
    if (this.#half.length > LONGEST_ROW_BYTES) throw new RangeError('A row has no end.');
    if (last !== undefined) this.lastNumber = this.#numberOf(last);
  }

  /** What came after the last whole row is thrown away: the rest comes again. */
  cut(): void {
    this.#bytes = this.wholeBytes;
    this.#half = Buffer.alloc(0);
    this.#quoted = false;
  }

  #numberOf(row: Buffer): number {
    const text = row.toString('utf8');
    const number = this.#csv ? Number(NUMBER_IN_CSV.exec(text)?.[1]) : numberInJson(text);
    if (Number.isSafeInteger(number)) return Number(number);
    throw new RangeError('A row has no number.');
  }
}

/** Read, not looked for: a foreign record may hold members of the same names. */
function numberInJson(text: string): unknown {
  try {
    return JSON.parse(text)?.unmapped?.countersign?.integrity?.number;
  } catch {
    return undefined;
  }
}

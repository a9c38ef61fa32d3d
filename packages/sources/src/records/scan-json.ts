// Finds where a JSON value ends in bytes that come in pieces, without keeping them: a record is cut out
// of a file of any size by its braces alone. Knows just enough grammar to notice that a line was cut.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LINE = 0x0a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Names of envelopes are shorter. */
const LONGEST_NAME = 16;

/**
 * `more`: the value goes on behind these bytes. `broken`: no value can go on as this one does.
 * `envelope`: stands behind the `[` of a list of records; this scan is over.
 */
export type ScanOutcome = 'more' | 'done' | 'broken' | 'envelope';

export class JsonScanner {
  /** Where the scan stopped: one past the value, or where it proved broken. */
  at = 0;
  /** Line ends that were passed. */
  lines = 0;
  #depth: number;
  #inString = false;
  #escaped = false;
  /** Last byte outside of strings that is no space; `"` for a whole string. */
  #last = 0;
  #lineEnded = false;
  #readingName = false;
  #name = '';
  readonly #envelopes: readonly string[];

  /**
   * @param envelopes names of members of the outermost object whose list is to be entered
   * @param behindList true to go on behind the list of an envelope
   */
  constructor(envelopes: readonly string[], behindList = false) {
    this.#envelopes = envelopes;
    this.#depth = behindList ? 1 : 0;
    this.#last = behindList ? CLOSE_LIST : 0;
  }

  scan(bytes: Buffer, from: number): ScanOutcome {
    let at = from;
    while (at < bytes.length) {
      if (this.#inString) {
        at = this.#skipString(bytes, at);
        if (this.#inString) return this.#stop(at, at < bytes.length ? 'broken' : 'more');
        if (this.#depth === 0) return this.#stop(at, 'done');
        continue;
      }
      const byte = bytes[at]!;
      if (byte === LINE) {
        this.lines += 1;
        this.#lineEnded = true;
      } else if (byte > 0x20) {
        const outcome = this.#outside(byte);
        if (outcome !== undefined) return this.#stop(outcome === 'broken' ? at : at + 1, outcome);
      }
      at += 1;
    }
    return this.#stop(at, 'more');
  }

  #stop(at: number, outcome: ScanOutcome): ScanOutcome {
    this.at = at;
    return outcome;
  }

  /** @returns one past the closing quote; or, still inside, the end or a line end: the line was cut. */
  #skipString(bytes: Buffer, from: number): number {
    let escaped = this.#escaped;
    let at = from;
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at]!;
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE || byte === LINE) break;
    }
    this.#escaped = escaped;
    if (this.#readingName && this.#name.length < LONGEST_NAME) {
      this.#name += bytes.toString('latin1', from, Math.min(at, from + LONGEST_NAME));
    }
    if (bytes[at] !== QUOTE) return at;
    this.#inString = false;
    this.#last = QUOTE;
    return at + 1;
  }

  #outside(byte: number): ScanOutcome | undefined {
    const startsLine = this.#lineEnded;
    const last = this.#last;
    this.#lineEnded = false;
    this.#last = byte;
    if (byte === QUOTE) {
      this.#inString = true;
      this.#readingName = this.#depth === 1 && (last === OPEN_BRACE || last === COMMA);
      if (this.#readingName) this.#name = '';
    } else if (byte === OPEN_BRACE) {
      // An object at the start of a line where none can stand: the line before was cut.
      const mayFollow = last === COLON || last === OPEN_LIST || last === COMMA;
      if (startsLine && this.#depth > 0 && !mayFollow) return 'broken';
      this.#depth += 1;
    } else if (byte === OPEN_LIST) {
      if (this.#depth === 1 && last === COLON && this.#envelopes.includes(this.#name)) {
        return 'envelope';
      }
      this.#depth += 1;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_LIST) {
      this.#depth -= 1;
      if (this.#depth <= 0) return 'done';
    }
    return undefined;
  }
}

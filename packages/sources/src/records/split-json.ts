// Bytes → JSON records, whatever holds them: one a line, printed over many lines, in a list, in an
// envelope such as `{"Records": […]}`, or several of these one after the other. A record that is cut
// or damaged is told of and the next one is found; memory is bounded by the longest record.

import { decodeRecord } from '../bytes/decode-text.ts';
import type { JsonObject } from '../map-record.ts';
import { parseRecord } from './parse-record.ts';
import { ENVELOPES, LONGEST_RECORD_BYTES, type RawRecord, type TellPlace } from './raw-record.ts';
import { JsonScanner } from './scan-json.ts';

const QUOTE = 0x22;
const LINE = 0x0a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
/** What may stand between values without a word. */
const BETWEEN: ReadonlySet<number> = new Set([COMMA, CLOSE_BRACE, 0x1e, 0xef, 0xbb, 0xbf]);

/** What is being read: nothing, a value, what is left of an envelope, or a line that is no value. */
type Reading = 'between' | 'value' | 'tail' | 'junk';

export class JsonSplitter {
  readonly #tell: TellPlace;
  readonly #longest: number;
  #line = 1;
  #reading: Reading = 'between';
  /** Lists that are open: `list` or `envelope`, the innermost last. */
  #lists: ('list' | 'envelope')[] = [];
  #scanner = new JsonScanner([]);
  #parts: Buffer[] = [];
  #size = 0;
  #tooLarge = false;
  #out: RawRecord[] = [];

  constructor(tell: TellPlace, longest = LONGEST_RECORD_BYTES) {
    this.#tell = tell;
    this.#longest = longest;
  }

  /** @returns the records that ended within these bytes */
  push(bytes: Buffer): RawRecord[] {
    this.#out = [];
    let at = 0;
    while (at < bytes.length) {
      if (this.#reading === 'between') at = this.#between(bytes, at);
      else if (this.#reading === 'junk') at = this.#junk(bytes, at);
      else at = this.#goOn(bytes, at);
    }
    return this.#out;
  }

  /** The input is over. */
  end(): RawRecord[] {
    this.#out = [];
    if (this.#reading === 'value' && !this.#tooLarge) {
      const held = Buffer.concat(this.#parts);
      if (!this.#emit(held)) {
        this.#salvage(held);
        this.#tell('unfinished', this.#line, 'The input ends inside this record.');
      }
    } else if (this.#reading === 'value') this.#tellTooLarge();
    else if (this.#reading === 'tail' || this.#lists.length > 0) {
      const message = 'The input ends before its list does: what stands in it is read.';
      this.#tell('unfinished', this.#line, message, true);
    }
    this.#reading = 'between';
    this.#parts = [];
    return this.#out;
  }

  #between(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at]!;
      if (byte === LINE) this.#line += 1;
      else if (byte <= 0x20 || BETWEEN.has(byte)) continue;
      else if (byte === OPEN_LIST && this.#lists.length === 0) this.#lists.push('list');
      else if (byte === CLOSE_LIST) {
        if (this.#lists.pop() !== 'envelope') continue;
        this.#begin('tail', new JsonScanner(ENVELOPES, true));
        return at + 1;
      } else if (byte === OPEN_BRACE || byte === QUOTE) return this.#value(bytes, at);
      else {
        this.#tell('not_json', this.#line, 'Here is no JSON: left out up to the next line.');
        this.#reading = 'junk';
        return at;
      }
    }
    return bytes.length;
  }

  #value(bytes: Buffer, at: number): number {
    const lineEnd = this.#lists.length === 0 ? bytes.indexOf(LINE, at) : -1;
    // Nearly all logs: a record a line, so that the engine's own parser is the first to look.
    if (lineEnd !== -1 && bytes[at] === OPEN_BRACE && endsObject(bytes, at, lineEnd)) {
      if (this.#emitLine(bytes.subarray(at, lineEnd))) {
        this.#line += 1;
        return lineEnd + 1;
      }
    }
    this.#begin('value', new JsonScanner(this.#lists.length === 0 ? ENVELOPES : []));
    return at;
  }

  #begin(reading: 'value' | 'tail', scanner: JsonScanner): void {
    this.#reading = reading;
    this.#scanner = scanner;
    this.#parts = [];
    this.#size = 0;
    this.#tooLarge = false;
  }

  #goOn(bytes: Buffer, from: number): number {
    const outcome = this.#scanner.scan(bytes, from);
    const { at } = this.#scanner;
    if (this.#reading === 'tail') this.#endTail(outcome);
    else if (outcome === 'envelope') this.#enter();
    else if (outcome === 'done') this.#finish(bytes.subarray(from, at));
    else if (outcome === 'broken') this.#abandon(bytes.subarray(from, at));
    else this.#keep(bytes.subarray(from));
    return at;
  }

  #enter(): void {
    this.#lists.push('envelope');
    this.#passLines();
    this.#reading = 'between';
    this.#parts = [];
  }

  #endTail(outcome: string): void {
    if (outcome === 'envelope') this.#enter();
    else if (outcome !== 'more') {
      this.#passLines();
      this.#reading = 'between';
    }
  }

  #passLines(): void {
    this.#line += this.#scanner.lines;
    this.#scanner.lines = 0;
  }

  #keep(bytes: Buffer): void {
    if (this.#tooLarge) return;
    this.#parts.push(bytes);
    this.#size += bytes.length;
    if (this.#size <= this.#longest) return;
    const held = Buffer.concat(this.#parts);
    this.#parts = [];
    // A cut line that swallowed others: they are read, and reading begins anew with the last line.
    const found = this.#salvage(held, false);
    if (found === 0) {
      this.#tooLarge = true;
      return;
    }
    this.#tell(
      'not_json',
      this.#line,
      'A record without an end: left out, and what followed read.',
    );
    const lastLine = held.lastIndexOf(LINE) + 1;
    this.#passLines();
    this.#reading = 'between';
    const before = this.#out;
    this.#out = [...before, ...this.push(held.subarray(lastLine))];
  }

  #finish(last: Buffer): void {
    if (this.#tooLarge) this.#tellTooLarge();
    else {
      const held = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
      if (held.length > this.#longest) this.#tellTooLarge();
      else if (!this.#emit(held)) {
        this.#salvage(held);
        this.#tell('not_json', this.#line, 'This is no JSON, though its braces match: left out.');
      }
    }
    this.#passLines();
    this.#reading = 'between';
    this.#parts = [];
  }

  /** A value that cannot go on: told of, and what stood in whole lines of it is read. */
  #abandon(last: Buffer): void {
    if (this.#tooLarge) this.#tellTooLarge();
    else {
      const held = Buffer.concat([...this.#parts, last]);
      this.#tell('not_json', this.#line, 'The record is cut within its line: left out.');
      this.#salvage(held);
    }
    this.#passLines();
    this.#reading = 'between';
    this.#parts = [];
  }

  #tellTooLarge(): void {
    const limit = Math.round(this.#longest / 1024 / 1024);
    this.#tell('record_too_large', this.#line, `A record of more than ${limit} MiB: left out.`);
  }

  /** Reads objects that fill a line from its first column on; the first line is what was cut. */
  #salvage(held: Buffer, withLast = true): number {
    let found = 0;
    let line = this.#line;
    for (let at = held.indexOf(LINE) + 1; at > 0 && at < held.length; ) {
      line += 1;
      const end = held.indexOf(LINE, at);
      const bytes = withoutComma(held.subarray(at, end === -1 ? held.length : end));
      if (bytes[0] === OPEN_BRACE && (withLast || end !== -1)) {
        const before = this.#line;
        this.#line = line;
        if (this.#emit(bytes)) found += 1;
        this.#line = before;
      }
      at = end === -1 ? held.length : end + 1;
    }
    return found;
  }

  #junk(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(LINE, from);
    if (end === -1) return bytes.length;
    this.#reading = 'between';
    return end;
  }

  #emitLine(bytes: Buffer): boolean {
    return bytes.length <= this.#longest && this.#emit(bytes, true);
  }

  /** False when it is no JSON; with `whole` also when it holds records instead of being one. */
  #emit(bytes: Buffer, whole = false): boolean {
    const { text, utf8 } = decodeRecord(bytes);
    const parsed = parseRecord(text);
    if (parsed === undefined) return false;
    if (parsed.record === undefined) {
      this.#tell('not_an_object', this.#line, 'JSON, but no object: left out.');
      return true;
    }
    if (whole && isEnvelope(parsed.record)) return false;
    if (!utf8) {
      const message = 'Not UTF-8: read as Windows-1252, and kept.';
      this.#tell('not_utf8', this.#line, message, true);
    }
    this.#out.push({ text: parsed.text, record: parsed.record, line: this.#line });
    return true;
  }
}

function endsObject(bytes: Buffer, from: number, lineEnd: number): boolean {
  let at = lineEnd - 1;
  while (at > from && bytes[at]! <= 0x20) at -= 1;
  return bytes[at] === CLOSE_BRACE;
}

/** A line of a list without what parts it from the next. */
function withoutComma(line: Buffer): Buffer {
  const end = line.at(-1) === 0x0d ? line.length - 1 : line.length;
  return line.subarray(0, line[end - 1] === COMMA ? end - 1 : end);
}

function isEnvelope(record: JsonObject): boolean {
  return ENVELOPES.some((name) => Array.isArray(record[name]));
}

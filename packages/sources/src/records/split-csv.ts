// CSV (RFC 4180, and what spreadsheets make of it) → records: a row becomes an object of texts by the
// names of the header. Texts that hold JSON stay texts: whoever maps the record opens them.

import { type Info, type Options, type Parser, parse } from 'csv-parse';
import { Utf8Lines } from '../bytes/utf8-lines.ts';
import type { JsonObject } from '../map-record.ts';
import { LONGEST_RECORD_BYTES, type RawRecord, type TellPlace } from './raw-record.ts';
import { isPreamble } from './tell-shape.ts';

type Row = { record: string[]; info: Info };

export class CsvSplitter {
  readonly #tell: TellPlace;
  readonly #parser: Parser;
  #names: string[] | undefined;
  readonly #lines: Utf8Lines;
  #out: RawRecord[] = [];
  #failed: Error | undefined;

  constructor(tell: TellPlace, delimiter: string, longest = LONGEST_RECORD_BYTES) {
    this.#tell = tell;
    this.#lines = new Utf8Lines((line) =>
      tell('not_utf8', line, 'Not UTF-8: read as Windows-1252, and kept.', true),
    );
    const options: Options = {
      bom: true,
      delimiter,
      info: true,
      max_record_size: longest,
      // Two exports in one file may end their lines in two ways.
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
    };
    this.#parser = parse(options as Options<string[]>);
    this.#parser.on('data', (row: unknown) => this.#row(row as Row));
    this.#parser.on('skip', (error: Error & { lines?: number }) =>
      tell('csv_row_bad', error.lines ?? 0, `A row that is no CSV: left out (${error.message}).`),
    );
    this.#parser.on('error', (error) => {
      this.#failed = error;
    });
  }

  async push(bytes: Buffer): Promise<RawRecord[]> {
    this.#out = [];
    await this.#write(this.#lines.push(bytes));
    return this.#out;
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#failed !== undefined || bytes.length === 0) return;
    await new Promise<void>((resolve) => this.#parser.write(bytes, () => resolve()));
  }

  async end(): Promise<RawRecord[]> {
    this.#out = [];
    await this.#write(this.#lines.end());
    if (this.#failed === undefined) {
      await new Promise<void>((resolve) => {
        this.#parser.once('end', resolve);
        this.#parser.once('error', () => resolve());
        this.#parser.end();
      });
    }
    if (this.#failed !== undefined) {
      this.#tell('csv_row_bad', 0, `From here on this is no CSV (${this.#failed.message}).`);
    }
    return this.#out;
  }

  #row({ record, info }: Row): void {
    // The parser says where a row ends; where it begins is what a person looks for.
    const line = info.lines - countLines(record);
    if (this.#names === undefined) {
      if (isPreamble(record.join(''))) return;
      this.#names = nameColumns(record);
      return;
    }
    const names = this.#names;
    if (record.length === names.length && record.every((text, at) => text.trim() === names[at])) {
      this.#tell('csv_header_again', line, 'The header again: not a record.', true);
      return;
    }
    if (record.length !== names.length) {
      const message = `A row of ${record.length} columns under a header of ${names.length}: kept.`;
      this.#tell('csv_columns_differ', line, message, true);
    }
    const found: JsonObject = {};
    for (let at = 0; at < record.length; at += 1) {
      if (record[at] !== '') found[names[at] ?? `column_${at + 1}`] = record[at];
    }
    if (Object.keys(found).length === 0) return;
    this.#out.push({ text: JSON.stringify(found), record: found, line: Math.max(1, line) });
  }
}

/** Names as the header has them; a name that comes twice keeps its value under another name. */
function nameColumns(header: readonly string[]): string[] {
  const seen = new Set<string>();
  return header.map((given, at) => {
    let name = given.trim() === '' ? `column_${at + 1}` : given.trim();
    while (seen.has(name)) name += '_';
    seen.add(name);
    return name;
  });
}

function countLines(record: readonly string[]): number {
  let lines = 0;
  for (const text of record) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
  }
  return lines;
}

// An input of any shape → records, one after the other, in constant memory. What is wrong with it is
// told beside, with file and line, and stops nothing.

import { asUtf8 } from '../bytes/decode-text.ts';
import { openBytes } from '../bytes/open-bytes.ts';
import type { TellProblem } from '../bytes/read-problem.ts';
import type { JsonObject } from '../map-record.ts';
import { LONGEST_RECORD_BYTES, type RawRecord, type TellPlace } from './raw-record.ts';
import { CsvSplitter } from './split-csv.ts';
import { JsonSplitter } from './split-json.ts';
import { type TextShape, textShapeOf } from './tell-shape.ts';

export interface ReadOptions {
  /** Name of the input in records and problems; a name that ends in `.csv` counts. */
  name: string;
  onProblem: TellProblem;
  /** Bytes of the longest record; longer ones are skipped. Default 16 MiB. */
  longestRecordBytes?: number;
}

export interface ReadRecord {
  text: string;
  record: JsonObject;
  file: string;
  /** Line where the record begins, counted from 1. */
  line: number;
}

/** So much is read before the shape is told; a first line that is longer decides by its beginning. */
const HEAD_BYTES = 64 * 1024;

interface Splitter {
  push(bytes: Buffer): RawRecord[] | Promise<RawRecord[]>;
  end(): RawRecord[] | Promise<RawRecord[]>;
}

/**
 * Reads gzip, Zstandard or plain bytes in UTF-8, UTF-16 or Windows-1252 that hold JSON (a record a
 * line, printed, in lists, in envelopes) or CSV.
 * @throws only what the stream itself throws
 */
export async function* readRecords(
  stream: AsyncIterable<Uint8Array>,
  { name, onProblem, longestRecordBytes = LONGEST_RECORD_BYTES }: ReadOptions,
): AsyncGenerator<ReadRecord> {
  const tell: TellPlace = (code, line, message, kept = false) =>
    onProblem({ file: name, line, code, message, kept });
  const unpacked = openBytes(stream, (code, message) => tell(code, 0, message));
  let splitter: Splitter | undefined;
  let head: Buffer = Buffer.alloc(0);
  for await (const bytes of asUtf8(unpacked)) {
    if (splitter !== undefined) {
      for (const { text, record, line } of await splitter.push(bytes)) {
        yield { text, record, file: name, line };
      }
      continue;
    }
    head = Buffer.concat([head, bytes]);
    if (head.length < HEAD_BYTES) continue;
    splitter = splitterFor(textShapeOf(head, name), tell, longestRecordBytes);
    for (const { text, record, line } of await splitter.push(head)) {
      yield { text, record, file: name, line };
    }
  }
  const begun = splitter ?? splitterFor(textShapeOf(head, name), tell, longestRecordBytes);
  const rest = splitter === undefined ? await begun.push(head) : [];
  for (const found of [rest, await begun.end()]) {
    for (const { text, record, line } of found) yield { text, record, file: name, line };
  }
}

function splitterFor(shape: TextShape, tell: TellPlace, longest: number): Splitter {
  return shape.kind === 'json'
    ? new JsonSplitter(tell, longest)
    : new CsvSplitter(tell, shape.delimiter, longest);
}

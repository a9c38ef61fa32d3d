// What was wrong with an input, told with file and line. A problem never stops the reading: what is
// good before and after it is read.

export type ReadProblemCode =
  /** The compressed data ends too early; what came before is read. */
  | 'truncated'
  /** The compressed data is damaged from here on. */
  | 'compressed_data_bad'
  /** A kind of file that has to be unpacked or converted first. */
  | 'not_readable'
  /** Text that is neither JSON nor CSV as far as this line. */
  | 'not_json'
  /** JSON, but no object: a number, a list of texts. */
  | 'not_an_object'
  | 'record_too_large'
  /** The input ends inside a record. */
  | 'unfinished'
  /** Not UTF-8: read as Windows-1252, and kept. */
  | 'not_utf8'
  | 'csv_row_bad'
  /** A row with more or fewer columns than the header: kept as far as it goes. */
  | 'csv_columns_differ'
  /** The header came again, as when exports were joined: not a record. */
  | 'csv_header_again';

export interface ReadProblem {
  /** Name of the file as it was given; `-` is standard input. */
  file: string;
  /** Counted from 1; 0 when it is about the whole file. */
  line: number;
  code: ReadProblemCode;
  /** One sentence that says what happened to the record. */
  message: string;
  /** True when what was there could still be read and is kept. */
  kept: boolean;
}

export type TellProblem = (problem: ReadProblem) => void;

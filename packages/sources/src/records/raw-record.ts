// A record as it stands in the input, before anybody says what it means.

import type { ReadProblemCode } from '../bytes/read-problem.ts';
import type { JsonObject } from '../map-record.ts';

export interface RawRecord {
  /** The record's own text, exactly; of a CSV row its columns as a JSON object. */
  text: string;
  record: JsonObject;
  /** Line of the input where the record begins, counted from 1. */
  line: number;
}

/** Told of one place of the input; `kept` when what stands there is read all the same. */
export type TellPlace = (
  code: ReadProblemCode,
  line: number,
  message: string,
  kept?: boolean,
) => void;

/** Bytes of the longest record that is read; a longer one is skipped and told of. */
export const LONGEST_RECORD_BYTES = 16 * 1024 * 1024;

/** Members that hold the records of a whole answer or file: CloudTrail, Azure, Graph, Google, Logging. */
export const ENVELOPES: readonly string[] = ['Records', 'records', 'value', 'items', 'entries'];

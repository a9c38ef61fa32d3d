// What is taken out: of whose record, which events, from which number on, and how it is written.

import type { Filter } from '@countersign/search';
import type { LogReader } from '../routes/authenticate-reader.ts';

export const EXPORT_FORMATS = ['ndjson', 'csv', 'parquet', 'bundle'] as const;
/** Rows that can be taken up again after a cut. */
export type StreamedFormat = 'ndjson' | 'csv';

export interface ExportRequest {
  reader: LogReader;
  /** `_installation` for what is of no tenant. */
  tenant: string;
  format: (typeof EXPORT_FORMATS)[number];
  filter: Filter;
  /** As it was asked, for the record. */
  filterText: string;
  /** Only what is of this person, whatever the filter says. */
  person?: { subject: string; realm: string } | undefined;
  /** Chain numbers, both included: the whole export is fixed before its first byte. */
  from: number;
  to: number;
}

export interface ExportProgress {
  /** Events that left. */
  events: number;
  /** Number of the last event that was looked at. */
  through: number;
  /** Numbers whose events are gone after their retention. */
  gone: number;
}

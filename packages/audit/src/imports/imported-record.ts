// A record of another house on its way into the log, and what became of a batch of them.

import type { ActivityFacts, RequestFacts } from '@countersign/vocabulary';

export interface ImportedRecord {
  /** Whose record it is: `okta`, `cloudtrail`, …; at most 32 of `a-z 0-9 -`. */
  source: string;
  /** What makes it the same when it comes again. */
  key: string;
  /** By the source; 0 where it says none. */
  timeMs: number;
  /** Valid OCSF, without what is added here: ids, tenant, times of arrival, raw text. */
  ocsf: Record<string, unknown>;
  facts: ActivityFacts;
  /** False: kept, and counted as unmapped. */
  recognised: boolean;
  /** The record's own text. */
  text: string;
}

export interface ImportBatch {
  tenant: string;
  /** Chosen by whoever imports: batches of one run are counted together. At most 64 of `A-Za-z0-9_-`. */
  run: string;
  /** Who imports: the name of an operator, `reader ID`, or `source ID`. */
  by: string;
  request?: RequestFacts;
  /** At most 1,000. Taken one by one, so that a generator may map them as they are written. */
  records: Iterable<ImportedRecord>;
  /** Records that whoever imports could not read; they are told of as a gap. Default 0. */
  unreadable?: number;
  /** True with the last batch of a run. */
  done?: boolean;
}

export interface ImportOutcome {
  /** Events that are new, and durable. */
  recorded: number;
  /** Events that were here already. */
  known: number;
  /** Of the new ones, those that no map knows: kept whole. */
  unmapped: number;
  /** Of the new ones, those whose time is more than a day ahead of ours. */
  future: number;
  /** Of the new ones, those whose raw text was too long to be kept whole. */
  truncated: number;
}

export const MOST_IMPORTED = 1000;

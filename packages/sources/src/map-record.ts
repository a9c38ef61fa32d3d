// What a source is: it knows its records when it sees them and says what each means, as valid OCSF 1.8
// and as facts to join by. Pure: whoever records adds ids, tenant, times of arrival and the raw text.

import type { ActivityFacts } from '@countersign/vocabulary';

export type JsonObject = Record<string, unknown>;

/** `unknown` is what no source recognises. */
export const SOURCE_NAMES = [
  ...(['microsoft-365', 'entra-sign-in', 'entra-audit', 'okta', 'cloudtrail'] as const),
  ...(['google-workspace', 'gcp', 'keycloak', 'ocsf', 'ecs', 'unknown'] as const),
];
export type SourceName = (typeof SOURCE_NAMES)[number];

export interface MappedRecord {
  /**
   * What makes the record the same when it comes again, from whatever export: the source's own id, and
   * with several events of one record the place of each. Exact case.
   */
  key: string;
  /** When it happened, by the source; milliseconds since the epoch. */
  timeMs: number;
  /**
   * A valid OCSF 1.8 event without what the recorder knows better: `metadata.uid`, `logged_time`,
   * `tenant_uid`, `raw_data`, `raw_data_hash` and `unmapped.countersign` are set when it is recorded.
   */
  ocsf: JsonObject;
  facts: ActivityFacts;
  /** False: of this source but of no kind the map knows; kept whole, and counted as unmapped. */
  recognised: boolean;
}

export interface FieldNote {
  /** Path in the record, as the source spells it: `AppAccessContext.UniqueTokenId`. */
  from: string;
  /** Path in the OCSF event, in the facts as `facts.NAME`, or both, separated by `, `. */
  to: string;
  /** What is done on the way, and the quirks: one sentence. */
  note?: string;
}

export interface Source {
  name: SourceName;
  /** What a person calls it, for the page of mappings. */
  title: string;
  /** Cheap and strict: no record may be recognised by two sources. Never throws. */
  recognises(record: JsonObject): boolean;
  /**
   * One record may be several events. Never throws for what a record holds; an empty answer means that
   * the record says nothing (a page marker), and is counted as left out.
   */
  map(record: JsonObject): MappedRecord[];
  fields: readonly FieldNote[];
}

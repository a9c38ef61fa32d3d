// What the server can ask the archivist. Everything crosses a pipe as JSON and is bounded on both sides.

import type { ParquetFile, ParquetRequest } from '../query/export-parquet.ts';
import type {
  AggregateAnswer,
  AggregateRequest,
  SearchPage,
  SearchRequest,
} from '../query/search-request.ts';

/** How far the chain of a tenant has come. */
export interface TenantHead {
  /** `_installation` for events of no tenant. */
  tenant: string;
  /** Number of its newest event that was followed. */
  count: number;
  /** Head of the chain after it, lower-case hex. */
  head: string;
  /** Segments on record. */
  segments: number;
  /** Sequence number of that newest event. */
  lastSequence: number;
}

export interface Followed {
  /** Everything up to here is in the chains and can be searched. */
  sequence: number;
  /** Events that no segment on record holds yet, and the characters of them. */
  hotEvents: number;
  hotCharacters: number;
  /** When the oldest of them was followed; absent when there are none. */
  hotSinceMs?: number | undefined;
}

/** A segment whose file is written; it counts when the server has flushed it and recorded its row. */
export interface SealedSegment {
  tenant: string;
  segment: number;
  first: number;
  last: number;
  firstSequence: number;
  lastSequence: number;
  throughSequence: number;
  root: string;
  headBefore: string;
  headAfter: string;
  firstMs: number;
  lastMs: number;
  sealedMs: number;
  /** Events of keys among them: they are kept longer. */
  keyEvents: number;
  file: WrittenFile;
}

export interface WrittenFile {
  file: string;
  tenant: string;
  first: number;
  last: number;
  firstMs: number;
  lastMs: number;
  firstUid: string;
  lastUid: string;
  bytes: number;
  erased: number;
}

/** An event with its place in the chain. */
export interface ChainedEvent {
  number: number;
  sequence: number;
  uid: string;
  timeMs: number;
  name: string;
  /** Lower-case hex, 32 bytes. */
  leaf: string;
  /** Lower-case hex, 16 bytes; absent, like `ocsf`, when the event was erased. */
  salt?: string | undefined;
  /** Canonical JSON, exactly as stored. */
  ocsf?: string | undefined;
  erased?: true | undefined;
}

export interface RangeRequest {
  tenant: string;
  /** Chain number of the first event. */
  from: number;
  /** 1 to 10,000; fewer come when they are long. */
  limit: number;
}

/** Which events lose their payload when a file is written anew. */
export type Cut =
  /** Of one person, but for what is never erased. */
  | { what: 'person'; subject: string }
  /** All events but those of keys. */
  | { what: 'expired' };

export interface RewriteRequest {
  tenant: string;
  /** Files on record, in the order of their numbers and without a gap between them. */
  files: string[];
  cut?: Cut | undefined;
}

export interface Rewritten {
  /** Absent when no file was written: nothing to cut, or texts too long to be put together. */
  file?: WrittenFile | undefined;
  /** Events that lost their payload this time. */
  cut: number;
  /** Of these, for the rows of the event table: of a person all, at most 20,000; ask until none is left. */
  sequences: number[];
}

/** What is wrong with a file on record. */
export interface FileTrouble {
  tenant: string;
  file: string;
  trouble: 'missing' | 'damaged';
  detail: string;
}

export interface CheckRequest {
  tenant: string;
  file: string;
}

/** All refuse with `archive_unavailable` (temporary) while the archivist is down. */
export interface ArchiveClient {
  /**
   * Follows the event table; returns early after a moment of work, with how far it has come.
   * @param throughSequence the newest event that is durable; nothing behind it is looked at
   */
  follow(throughSequence: number): Promise<Followed>;
  followed(): Promise<{ sequence: number; heads: TenantHead[] }>;
  /**
   * Seals all that was followed. The same again until the rows are on record and `recall` was called.
   */
  seal(sealedMs: number): Promise<SealedSegment[]>;
  /**
   * Reads again which segments and files are on record; what no longer is, is removed.
   * @param clear also what never was: left by a crash. Only when nothing is on its way to the record
   */
  recall(clear?: boolean): Promise<{ troubles: FileTrouble[] }>;
  /** Writes files on record anew, as one. The old ones stay until `recall`. */
  rewrite(request: RewriteRequest): Promise<Rewritten>;
  /** Reads a file whole and holds it against the segments on record. */
  check(request: CheckRequest): Promise<{ trouble?: FileTrouble | undefined }>;
  /** @throws CodedError `archive_behind`, `archive_unavailable`; HTTP-worthy codes of packages/search */
  search(request: SearchRequest): Promise<SearchPage>;
  aggregate(request: AggregateRequest): Promise<AggregateAnswer>;
  /** By chain number, hot or sealed, in order; fewer than asked at the end, or when they are long. */
  readRange(request: RangeRequest): Promise<ChainedEvent[]>;
  /** Writes a part of a record as one Parquet file; whoever asked removes it. */
  exportParquet(request: ParquetRequest): Promise<ParquetFile>;
  /** @param tenant absent: any */
  findByUid(tenant: string | undefined, uid: string): Promise<FoundByUid | undefined>;
}

export interface FoundByUid extends ChainedEvent {
  tenant: string;
}

// The archivist: follows the event table, keeps what is new in DuckDB, seals it, and answers. It writes
// files and nothing else; what counts is what the server has recorded.

import { mkdirSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { archiveError } from '../archive-error.ts';
import type {
  ArchiveClient,
  CheckRequest,
  Followed,
  RangeRequest,
  RewriteRequest,
  SealedSegment,
  TenantHead,
} from '../client/archive-client.ts';
import { exportParquet, type ParquetRequest } from '../query/export-parquet.ts';
import { aggregateArchive } from '../query/run-aggregate.ts';
import { searchArchive } from '../query/run-search.ts';
import type { AggregateRequest, SearchRequest } from '../query/search-request.ts';
import { Catalogue } from './catalogue.ts';
import { Chains } from './chain-state.ts';
import { checkFile } from './check-file.ts';
import type {
  EventRelation,
  EventRelations,
  RelationNeeds,
  UnreadablePart,
} from './event-relation.ts';
import { type EventTable, openEventTable } from './event-table.ts';
import { sealGeneration } from './generation.ts';
import { HotEvents, type HotLimits } from './hot-events.ts';
import { chooseFiles, filesWith, joinRelation } from './join-relation.ts';
import {
  DEFAULT_MEMORY_MEBIBYTES,
  type DuckDb,
  type DuckDbLimits,
  openDuckDb,
} from './open-duckdb.ts';
import { findByUid, type HoldFor, readRange } from './read-events.ts';
import { rewriteFiles } from './rewrite-files.ts';

export interface ArchivistOptions {
  /** DATA/archive. */
  folder: string;
  /** The database file of the server. */
  database: string;
  /** Name of the installation: part of the first head of each chain. */
  instance: string;
  nowMs(): number;
  /** What is in memory is no longer to be trusted: the process has to end. */
  onFatal(error: unknown): void;
  duckDb?: Partial<DuckDbLimits>;
  limits?: Partial<HotLimits>;
}

/** A call of `follow` answers after this long, so that the server can look at what has come. */
const FOLLOW_MS = 100;

export async function openArchivist(options: ArchivistOptions): Promise<Archivist> {
  const { folder, instance, limits = {}, nowMs, onFatal } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const table = openEventTable(options.database);
  const duckDb = await openDuckDb(folder, options.duckDb);
  const catalogue = new Catalogue(folder);
  catalogue.load(table);
  catalogue.removeSpill();
  const chains = new Chains(instance);
  chains.resume(catalogue.allSegments());
  const { writer } = duckDb;
  const { memoryMebibytes = DEFAULT_MEMORY_MEBIBYTES } = options.duckDb ?? {};
  const parts = { table, chains, writer, limits, memoryMebibytes, nowMs, onFatal };
  const hot = await HotEvents.open(parts, table.readSealedThrough());
  return new Archivist(options, { table, duckDb, catalogue, chains, hot });
}

interface OpenParts {
  table: EventTable;
  duckDb: DuckDb;
  catalogue: Catalogue;
  chains: Chains;
  hot: HotEvents;
}

export class Archivist implements ArchiveClient, EventRelations {
  readonly #options: ArchivistOptions;
  readonly #table: EventTable;
  readonly #duckDb: DuckDb;
  readonly #catalogue: Catalogue;
  readonly #chains: Chains;
  readonly #hot: HotEvents;
  /** Files are there, and not on record yet. */
  #sealed: SealedSegment[] | undefined;
  #sealing: Promise<SealedSegment[]> | undefined;
  /** What is hot begins after this. */
  #through: number;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: ArchivistOptions, open: OpenParts) {
    this.#options = options;
    this.#table = open.table;
    this.#duckDb = open.duckDb;
    this.#catalogue = open.catalogue;
    this.#chains = open.chains;
    this.#hot = open.hot;
    const segments = open.catalogue.allSegments();
    this.#through = segments.reduce((most, one) => Math.max(most, one.through_sequence), 0);
  }

  async follow(throughSequence: number): Promise<Followed> {
    const untilMs = performance.now() + FOLLOW_MS;
    while (this.#hot.follow(throughSequence) && performance.now() < untilMs) await nextTurn();
    return this.#hot.describe();
  }

  async catchUp(throughSequence: number, timeoutMs: number): Promise<void> {
    const untilMs = performance.now() + timeoutMs;
    while (this.#hot.sequence < throughSequence) {
      if (performance.now() > untilMs) {
        const message = 'The archive has not followed that far yet; ask again soon.';
        throw archiveError('archive_behind', message, { retryAfterSeconds: 1 });
      }
      const more = this.#hot.follow(throughSequence);
      await (more ? nextTurn() : aMoment());
    }
  }

  async followed(): Promise<{ sequence: number; heads: TenantHead[] }> {
    const heads = [...this.#chains.entries()].map(([tenant, { count, head, lastSequence }]) => ({
      ...{ tenant, count, head: head.toString('hex'), lastSequence },
      segments: this.#catalogue.segmentsOf(tenant).length,
    }));
    return { sequence: this.#hot.sequence, heads };
  }

  seal(sealedMs: number): Promise<SealedSegment[]> {
    this.#sealing ??= this.#seal(sealedMs).finally(() => {
      this.#sealing = undefined;
    });
    return this.#sealing;
  }

  async recall(clear = false) {
    const troubles = this.#catalogue.load(this.#table);
    this.#refuseStrangers(this.#table.readSealedThrough());
    const waiting = (this.#sealed ?? []).map(({ file }) => file.file);
    if (clear && this.#sealing === undefined) this.#catalogue.removeOrphans(waiting);
    const onRecord = this.#sealed?.every(
      ({ tenant, segment }) => this.#catalogue.segmentsOf(tenant).length >= segment,
    );
    if (onRecord === true) {
      this.#hot.dropClosed();
      this.#sealed = undefined;
      this.#through = this.#table.readSealedThrough();
    }
    return { troubles };
  }

  rewrite(request: RewriteRequest) {
    return this.#alone(() =>
      this.#connected((connection) => rewriteFiles({ ...this.#parts(), connection }, request)),
    );
  }

  async check(request: CheckRequest) {
    const trouble = await checkFile(this.#parts(), request);
    if (trouble !== undefined) this.#catalogue.noteTrouble(trouble);
    return trouble === undefined ? {} : { trouble };
  }

  search(request: SearchRequest) {
    return searchArchive(this, request, this.#options.nowMs());
  }

  aggregate(request: AggregateRequest) {
    return aggregateArchive(this, request, this.#options.nowMs());
  }

  readRange(request: RangeRequest) {
    return readRange(this.#reading(), request);
  }

  exportParquet(request: ParquetRequest) {
    const { folder, nowMs } = this.#options;
    return this.#alone(() => exportParquet(this, folder, request, nowMs()));
  }

  findByUid(tenant: string | undefined, uid: string) {
    return findByUid(this.#reading(), tenant, uid);
  }

  withRelation<T>(
    needs: RelationNeeds,
    job: (relation: EventRelation, connection: DuckDBConnection) => Promise<T>,
  ): Promise<T> {
    let unreadable: UnreadablePart[] = [];
    const choose = () => {
      const chosen = chooseFiles(this.#catalogue, needs);
      unreadable = chosen.unreadable;
      return chosen.files;
    };
    return this.#holdFor(choose, (connection, { tables, files }) => {
      const sql = joinRelation(tables, files, needs.tenant);
      const narrowTo = (numbers: readonly number[]) =>
        joinRelation(tables, filesWith(files, numbers), needs.tenant);
      const { length } = files;
      const { sequence } = this.#hot;
      return job({ sql, narrowTo, unreadable, files: length, sequence }, connection);
    });
  }

  async #holdFor<T>(...[choose, job]: Parameters<HoldFor>): Promise<T> {
    return this.#connected(async (connection) => {
      const files = choose();
      const { tables } = this.#hot;
      const release = [...tables.map((table) => table.hold()), this.#catalogue.hold(files)];
      try {
        return (await job(connection, { tables, files })) as T;
      } finally {
        for (const letGo of release) letGo();
      }
    });
  }

  async close(): Promise<void> {
    // Whoever asked for it hears how it went; here it only has to be over.
    await this.#writing.catch(() => undefined);
    this.#hot.finish();
    this.#duckDb.close();
    this.#table.close();
  }

  #parts() {
    const holdFor: HoldFor = (choose, job) => this.#holdFor(choose, job);
    return { folder: this.#options.folder, catalogue: this.#catalogue, holdFor };
  }

  #reading() {
    return { ...this.#parts(), table: this.#table };
  }

  /** What an archivist before this one sealed came on record since: it is hot here as well. */
  #refuseStrangers(through: number): void {
    if (through === this.#through || through === this.#sealed?.[0]?.throughSequence) return;
    const message =
      'Segments came on record that this archivist did not seal; it has to begin anew.';
    this.#options.onFatal(archiveError('archive_inconsistent', message));
  }

  async #seal(sealedMs: number): Promise<SealedSegment[]> {
    if (this.#sealed !== undefined) return this.#sealed;
    const generation = await this.#hot.close();
    if (generation === undefined) return [];
    const segmentsOf = (tenant: string) => this.#catalogue.segmentsOf(tenant).length;
    const { folder } = this.#options;
    this.#sealed = await this.#connected((connection) =>
      sealGeneration({ connection, folder, generation, sealedMs, segmentsOf }),
    );
    return this.#sealed;
  }

  /** The writer's connection is for appending: a long query on it would hold up following. */
  async #connected<T>(job: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.#duckDb.connect();
    try {
      return await job(connection);
    } finally {
      connection.closeSync();
    }
  }

  /** Files are written anew one job after another, for the memory of it; sealing does not wait. */
  #alone<T>(job: () => Promise<T>): Promise<T> {
    const next = this.#writing.then(job, job);
    // The caller of `next` hears of it.
    this.#writing = next.catch(() => undefined);
    return next;
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
const aMoment = () => new Promise<void>((resolve) => setTimeout(resolve, 20));

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
import { extractColumns } from '../columns.ts';
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
import { type EventTable, type HotRow, openEventTable } from './event-table.ts';
import { emptyGeneration, type Generation, sealGeneration } from './generation.ts';
import { type EventColumns, HotTable } from './hot-copy.ts';
import { chooseFiles, joinRelation } from './join-relation.ts';
import { type DuckDb, type DuckDbLimits, openDuckDb } from './open-duckdb.ts';
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

export interface HotLimits {
  /** Following stops here until it was sealed. Default 400,000 events. */
  mostHotEvents: number;
  /** Default 512 Mi characters. */
  mostHotCharacters: number;
}

const SLICE_ROWS = 512;
/** A call of `follow` answers after this long, so that the server can look at what has come. */
const FOLLOW_MS = 100;
const DEFAULT_LIMITS: HotLimits = { mostHotEvents: 400_000, mostHotCharacters: 512 * 1024 * 1024 };

export async function openArchivist(options: ArchivistOptions): Promise<Archivist> {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const table = openEventTable(options.database);
  const duckDb = await openDuckDb(options.folder, options.duckDb);
  const first = await HotTable.create(duckDb.writer, 1);
  return new Archivist(options, table, duckDb, first);
}

export class Archivist implements ArchiveClient, EventRelations {
  readonly #options: ArchivistOptions;
  readonly #limits: HotLimits;
  readonly #table: EventTable;
  readonly #duckDb: DuckDb;
  readonly #catalogue: Catalogue;
  readonly #chains: Chains;
  #filling: Generation;
  /** Closed, and not on record yet. */
  #closed: Generation | undefined;
  #sealed: SealedSegment[] | undefined;
  #sealing: Promise<SealedSegment[]> | undefined;
  #generations = 1;
  #sequence: number;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: ArchivistOptions, table: EventTable, duckDb: DuckDb, first: HotTable) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#table = table;
    this.#duckDb = duckDb;
    this.#catalogue = new Catalogue(options.folder);
    this.#catalogue.load(table);
    this.#catalogue.removeOrphans();
    this.#chains = new Chains(options.instance);
    this.#chains.resume(this.#catalogue.allSegments());
    this.#sequence = table.readSealedThrough();
    this.#filling = emptyGeneration(first);
  }

  async follow(throughSequence: number): Promise<Followed> {
    const untilMs = performance.now() + FOLLOW_MS;
    while (this.#followSlice(throughSequence) && performance.now() < untilMs) await nextTurn();
    return this.#describe();
  }

  async catchUp(throughSequence: number, timeoutMs: number): Promise<void> {
    const untilMs = performance.now() + timeoutMs;
    while (this.#sequence < throughSequence) {
      if (performance.now() > untilMs) {
        const message = 'The archive has not followed that far yet; ask again soon.';
        throw archiveError('archive_behind', message, { retryAfterSeconds: 1 });
      }
      const more = this.#followSlice(throughSequence);
      await (more ? nextTurn() : aMoment());
    }
  }

  async followed(): Promise<{ sequence: number; heads: TenantHead[] }> {
    const heads = [...this.#chains.entries()].map(([tenant, { count, head, lastSequence }]) => ({
      ...{ tenant, count, head: head.toString('hex'), lastSequence },
      segments: this.#catalogue.segmentsOf(tenant).length,
    }));
    return { sequence: this.#sequence, heads };
  }

  seal(sealedMs: number): Promise<SealedSegment[]> {
    this.#sealing ??= this.#seal(sealedMs).finally(() => {
      this.#sealing = undefined;
    });
    return this.#sealing;
  }

  async recall() {
    const troubles = this.#catalogue.load(this.#table);
    const onRecord = this.#sealed?.every(
      ({ tenant, segment }) => this.#catalogue.segmentsOf(tenant).length >= segment,
    );
    if (onRecord === true) {
      this.#closed?.table.drop();
      this.#closed = undefined;
      this.#sealed = undefined;
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
      const { length } = files;
      return job({ sql, unreadable, files: length, sequence: this.#sequence }, connection);
    });
  }

  async #holdFor<T>(...[choose, job]: Parameters<HoldFor>): Promise<T> {
    return this.#connected(async (connection) => {
      const files = choose();
      const tables = this.#tables();
      const release = [...tables.map((table) => table.hold()), this.#catalogue.hold(files)];
      try {
        return (await job(connection, { tables, files })) as T;
      } finally {
        for (const letGo of release) letGo();
      }
    });
  }

  async close(): Promise<void> {
    await this.#writing.catch(() => undefined);
    this.#filling.table.finish();
    this.#duckDb.close();
    this.#table.close();
  }

  #tables(): HotTable[] {
    return [...(this.#closed === undefined ? [] : [this.#closed.table]), this.#filling.table];
  }

  #parts() {
    const holdFor: HoldFor = (choose, job) => this.#holdFor(choose, job);
    return { folder: this.#options.folder, catalogue: this.#catalogue, holdFor };
  }

  #reading() {
    return { ...this.#parts(), table: this.#table };
  }

  #describe(): Followed {
    const both = [this.#filling, ...(this.#closed === undefined ? [] : [this.#closed])];
    const since = both.map(({ sinceMs }) => sinceMs ?? Number.POSITIVE_INFINITY);
    const hotSinceMs = Math.min(...since);
    return {
      sequence: this.#sequence,
      hotEvents: both.reduce((sum, { events }) => sum + events, 0),
      hotCharacters: both.reduce((sum, { characters }) => sum + characters, 0),
      ...(Number.isFinite(hotSinceMs) ? { hotSinceMs } : {}),
    };
  }

  /** @returns whether there may be more */
  #followSlice(throughSequence: number): boolean {
    const { hotEvents, hotCharacters } = this.#describe();
    if (hotEvents >= this.#limits.mostHotEvents) return false;
    if (hotCharacters >= this.#limits.mostHotCharacters) return false;
    const rows = this.#table.readAfter(this.#sequence, throughSequence, SLICE_ROWS);
    if (rows.length > 0) {
      this.#filling.sinceMs ??= this.#options.nowMs();
      try {
        this.#filling.table.append(rows.map((row) => this.#take(row)));
      } catch (error) {
        // The chains are ahead of the copy now; a new start makes both again.
        this.#options.onFatal(error);
        throw error;
      }
      this.#sequence = (rows.at(-1) as HotRow)[0];
    }
    if (rows.length === SLICE_ROWS) return true;
    this.#sequence = Math.max(this.#sequence, throughSequence);
    return false;
  }

  #take(row: HotRow): EventColumns {
    const [sequence, uid, , timeMs, name, source, salt, ocsf] = row;
    const generation = this.#filling;
    const { tenant, number } = this.#chains.take(generation.open, row);
    generation.events += 1;
    generation.characters += ocsf.length;
    const own = { tenant, number, sequence, uid, time_ms: timeMs, name, source, ocsf, salt };
    return { ...extractColumns(JSON.parse(ocsf)), ...own, leaf: null };
  }

  async #seal(sealedMs: number): Promise<SealedSegment[]> {
    if (this.#sealed !== undefined) return this.#sealed;
    if (this.#closed === undefined) {
      if (this.#filling.events === 0) return [];
      const next = await HotTable.create(this.#duckDb.writer, this.#generations + 1);
      this.#generations += 1;
      this.#closed = this.#filling;
      this.#closed.throughSequence = this.#sequence;
      this.#closed.table.finish();
      this.#filling = emptyGeneration(next);
    }
    const generation = this.#closed;
    const segmentsOf = (tenant: string) => this.#catalogue.segmentsOf(tenant).length;
    const { folder } = this.#options;
    this.#sealed = await this.#alone(() =>
      this.#connected((connection) =>
        sealGeneration({ connection, folder, generation, sealedMs, segmentsOf }),
      ),
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

  /** Files are written one job after another: each takes all the memory there is. */
  #alone<T>(job: () => Promise<T>): Promise<T> {
    const next = this.#writing.then(job, job);
    this.#writing = next.catch(() => undefined);
    return next;
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
const aMoment = () => new Promise<void>((resolve) => setTimeout(resolve, 20));

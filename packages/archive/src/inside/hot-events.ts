// Follows the event table into chains and hot tables: the generation that fills, and before it the one
// that is closed, sealed, and waits to be on record.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Followed } from '../client/archive-client.ts';
import { extractColumns } from '../columns.ts';
import type { Chains } from './chain-state.ts';
import type { EventTable, HotRow } from './event-table.ts';
import { emptyGeneration, type Generation } from './generation.ts';
import { type EventColumns, HotTable } from './hot-copy.ts';

export interface HotLimits {
  /** Following stops here until it was sealed. Default 400,000 events. */
  mostHotEvents: number;
  /** Default: what fits into a third of DuckDB's memory, so that sealing has the rest. */
  mostHotCharacters: number;
}

export interface HotParts {
  table: EventTable;
  chains: Chains;
  writer: DuckDBConnection;
  limits: Partial<HotLimits>;
  memoryMebibytes: number;
  nowMs(): number;
  onFatal(error: unknown): void;
}

/** Short enough that a search need not wait for it. */
const SLICE_ROWS = 512;
const LONG_SLICE_CHARACTERS = 2 * 1024 * 1024;
/** DuckDB takes 2,048 rows at a time, and holds the texts of all of them several times. */
const LONG_CHARACTERS = 8192;
const LONG_COUNTS = 4;
const MOST_HOT_EVENTS = 400_000;
const CHARACTERS_A_MEBIBYTE = 350_000;

export class HotEvents {
  readonly #parts: HotParts;
  readonly #limits: HotLimits;
  #filling: Generation;
  #closed: Generation | undefined;
  #generations = 1;
  #sequence: number;

  private constructor(parts: HotParts, first: HotTable, sequence: number) {
    this.#parts = parts;
    this.#limits = {
      mostHotEvents: MOST_HOT_EVENTS,
      mostHotCharacters: parts.memoryMebibytes * CHARACTERS_A_MEBIBYTE,
      ...parts.limits,
    };
    this.#filling = emptyGeneration(first);
    this.#sequence = sequence;
  }

  /** @param sequence everything up to here is in segments on record */
  static async open(parts: HotParts, sequence: number): Promise<HotEvents> {
    return new HotEvents(parts, await HotTable.create(parts.writer, 1), sequence);
  }

  /** Everything up to here was followed. */
  get sequence(): number {
    return this.#sequence;
  }

  /** With all that was followed in them. */
  get tables(): HotTable[] {
    this.#fatally(() => this.#filling.table.flush());
    return this.#all().map(({ table }) => table);
  }

  describe(): Followed {
    const all = this.#all();
    const hotSinceMs = Math.min(...all.map(({ sinceMs }) => sinceMs ?? Number.POSITIVE_INFINITY));
    return {
      sequence: this.#sequence,
      hotEvents: all.reduce((sum, { events }) => sum + events, 0),
      hotCharacters: all.reduce((sum, { characters }) => sum + characters, 0),
      ...(Number.isFinite(hotSinceMs) ? { hotSinceMs } : {}),
    };
  }

  /** One slice. @returns whether there may be more */
  follow(throughSequence: number): boolean {
    const { hotEvents, hotCharacters } = this.describe();
    if (hotEvents >= this.#limits.mostHotEvents) return false;
    if (hotCharacters >= this.#limits.mostHotCharacters) return false;
    const { table } = this.#parts;
    const { rows, characters, more } = table.readAfter(this.#sequence, throughSequence, SLICE_ROWS);
    if (rows.length > 0) {
      this.#filling.sinceMs ??= this.#parts.nowMs();
      this.#fatally(() => {
        this.#filling.table.append(rows.map((row) => this.#take(row)));
        // What waits to be visible is in memory, and counts by rows there.
        if (characters >= LONG_SLICE_CHARACTERS) this.#filling.table.flush();
      });
      this.#sequence = (rows.at(-1) as HotRow)[0];
    }
    if (more) return true;
    this.#sequence = Math.max(this.#sequence, throughSequence);
    return false;
  }

  /** The generation that is to be sealed, closed now if need be; undefined when there are no events. */
  async close(): Promise<Generation | undefined> {
    if (this.#closed !== undefined) return this.#closed;
    if (this.#filling.events === 0) return undefined;
    const next = await HotTable.create(this.#parts.writer, this.#generations + 1);
    this.#generations += 1;
    const closed = this.#filling;
    closed.throughSequence = this.#sequence;
    this.#fatally(() => closed.table.finish());
    this.#closed = closed;
    this.#filling = emptyGeneration(next);
    return closed;
  }

  /** It is on record. */
  dropClosed(): void {
    this.#closed?.table.drop();
    this.#closed = undefined;
  }

  finish(): void {
    this.#filling.table.finish();
  }

  /** When this fails the chains are ahead of the copy; only a new start makes both again. */
  #fatally(job: () => void): void {
    try {
      job();
    } catch (error) {
      this.#parts.onFatal(error);
      throw error;
    }
  }

  #all(): Generation[] {
    return [...(this.#closed === undefined ? [] : [this.#closed]), this.#filling];
  }

  #take(row: HotRow): EventColumns {
    const [sequence, uid, , timeMs, name, source, salt, ocsf] = row;
    const generation = this.#filling;
    const { tenant, number } = this.#parts.chains.take(generation.open, row);
    generation.events += 1;
    generation.characters += ocsf.length * (ocsf.length > LONG_CHARACTERS ? LONG_COUNTS : 1);
    const own = { tenant, number, sequence, uid, time_ms: timeMs, name, source, ocsf, salt };
    return { ...extractColumns(JSON.parse(ocsf)), ...own, leaf: null };
  }
}

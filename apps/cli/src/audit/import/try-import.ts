// `--dry-run`: what an import would bring, without a server: sources, kinds, what nobody would map.

import { type ReadRecord, RecordMapper, type SourceName } from '@countersign/sources';

const MOST_KINDS = 5000;

export interface TriedKind {
  source: string;
  operation: string;
  mapped: boolean;
  count: number;
  /** Where the first of them stands. */
  first: string;
}

export class ImportTrial {
  readonly sources: Record<string, number> = {};
  events = 0;
  unmapped = 0;
  /** Milliseconds since the epoch; undefined while no record told its time. */
  firstMs: number | undefined;
  lastMs: number | undefined;
  readonly #mapper: RecordMapper;
  readonly #kinds = new Map<string, TriedKind>();

  constructor(source: SourceName | undefined) {
    this.#mapper = new RecordMapper(source);
  }

  add({ record, file, line }: ReadRecord): void {
    const { source, events } = this.#mapper.map(record);
    for (const { facts, recognised, timeMs } of events) {
      this.events += 1;
      this.sources[source] = (this.sources[source] ?? 0) + 1;
      const mapped = recognised && source !== 'unknown';
      if (!mapped) this.unmapped += 1;
      if (timeMs > 0) {
        this.firstMs = Math.min(this.firstMs ?? timeMs, timeMs);
        this.lastMs = Math.max(this.lastMs ?? timeMs, timeMs);
      }
      this.#count(source, facts.operation, mapped, `${file}:${line}`);
    }
  }

  #count(source: string, operation: string, mapped: boolean, first: string): void {
    const key = JSON.stringify([source, mapped, operation]);
    const kind = this.#kinds.get(key);
    if (kind !== undefined) kind.count += 1;
    else if (this.#kinds.size < MOST_KINDS) {
      this.#kinds.set(key, { source, operation, mapped, count: 1, first });
    }
  }

  /** What nobody maps first, then the most frequent. */
  get kinds(): TriedKind[] {
    return [...this.#kinds.values()].sort(
      (left, right) => Number(left.mapped) - Number(right.mapped) || right.count - left.count,
    );
  }
}

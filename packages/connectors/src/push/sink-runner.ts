// All sinks beside each other: one that hangs, fails or is slow keeps no other waiting. At most one turn
// of a sink is under way.

import type { PushSinks } from './keep-sinks.ts';
import type { PushSinkRow } from './sink-table.ts';
import { type TurnParts, takeSinkTurn } from './take-sink-turn.ts';

/** Turns under way: each holds a batch of 2 MiB, and its connection. */
const MOST_TURNS = 16;
const LONGEST_STOP_MS = 3000;

export interface RunnerOptions extends TurnParts {
  sinks: Pick<PushSinks, 'due'>;
  /** A turn failed for a reason of ours; it is tried again. */
  onFailure(error: unknown): void;
}

export class SinkRunner {
  readonly #options: RunnerOptions;
  readonly #running = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Begins the turns that are due; does not wait for them. */
  async tick(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const free = MOST_TURNS - this.#running.size;
    if (free <= 0) return;
    for (const row of await this.#options.sinks.due(MOST_TURNS + this.#running.size)) {
      if (this.#running.size >= MOST_TURNS) return;
      if (this.#running.has(row.id)) continue;
      const turn = this.#take(row).finally(() => this.#running.delete(row.id));
      this.#running.set(row.id, turn);
    }
  }

  /** Resolves when no turn is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  /** What was not taken is sent again after the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LONGEST_STOP_MS);
    await Promise.race([this.settled(), promise]);
    clearTimeout(timer);
  }

  async #take(row: PushSinkRow): Promise<void> {
    try {
      await takeSinkTurn(this.#options, row, this.#stop.signal);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#options.onFailure(error);
    }
  }
}

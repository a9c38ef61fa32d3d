// Reads that handed out nothing, or nothing but the traces of the same reader's own listing. Whoever follows a
// record asks like this every second, and would find the trace of each time the next time, without end: so
// the first of an hour is on record, and stands for those that follow it.

import type { StoredEvent } from '@countersign/audit';
import type { Clock } from '@countersign/vocabulary';

const HOUR_MS = 3_600_000;
/** Beyond it all are forgotten, and told of anew. */
const MOST = 10_000;

export class QuietReads {
  readonly #clock: Clock;
  readonly #untilMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param what who asked what of whom; true when it is to be told of */
  isNew(what: readonly string[]): boolean {
    const key = JSON.stringify(what);
    const nowMs = this.#clock.nowMs();
    const untilMs = this.#untilMs.get(key) ?? 0;
    // A clock that went back keeps nothing quiet for longer.
    if (nowMs < untilMs && untilMs <= nowMs + HOUR_MS) return false;
    if (this.#untilMs.size >= MOST) this.#untilMs.clear();
    this.#untilMs.set(key, nowMs + HOUR_MS);
    return true;
  }
}

/** The trace that a listing of this operator has left. */
export function isOwnTrace({ name, ocsf }: StoredEvent, operator: string): boolean {
  if (name !== 'audit.read') return false;
  const { countersign } = (ocsf['unmapped'] ?? {}) as {
    countersign?: { operation?: unknown; actor?: { kind?: unknown; id?: unknown } };
  };
  const { operation, actor } = countersign ?? {};
  return operation === 'list' && actor?.kind === 'operator' && actor.id === operator;
}

// Notices that the clock was set, so that a wait that was none is not taken for one. Compares it with
// the time since the machine started, which nobody sets; across a restart of the process too. What is
// not noticed: a clock set while the machine was off, except when it then shows an earlier time.

import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Store } from '@countersign/storage';
import type { Clock } from '@countersign/vocabulary';
import type { KeyClockRow, KeyLivesTables } from './key-lives-tables.ts';

export interface SteadyTime {
  /** Times of two boots cannot be compared. */
  boot: string;
  ms: number;
}

/** Less is a clock that is being corrected, not one that was set. */
const LEAST_JUMP_MS = 5000;
/** Of what a clock may be corrected by in a time: twice what NTP allows itself. */
const MOST_DRIFT = 0.001;
/** How much true time a crash may take out of what is known. */
const SAVE_EVERY_MS = 60_000;
const ROW = 1;

export class ClockWatch {
  readonly #store: Store<KeyLivesTables>;
  readonly #clock: Clock;
  readonly #steady: () => SteadyTime;
  #last: KeyClockRow | undefined;
  #savedMs = Number.NEGATIVE_INFINITY;

  constructor(store: Store<KeyLivesTables>, clock: Clock, steady = systemSteadyTime) {
    this.#store = store;
    this.#clock = clock;
    this.#steady = steady;
  }

  /** When the clock last jumped, by the clock after it; undefined when it never did. */
  async jumpedMs(): Promise<number | undefined> {
    const before = this.#last ?? (await this.#read());
    // Both at the same moment: nothing may be waited for in between.
    const wall_ms = this.#clock.nowMs();
    const { boot, ms: steady_ms } = this.#steady();
    const isNew = before === undefined || hasJumped(before, { boot, steady_ms, wall_ms });
    const jumped_ms = before !== undefined && isNew ? wall_ms : (before?.jumped_ms ?? null);
    const row = { id: ROW, boot, steady_ms, wall_ms, jumped_ms };
    this.#last = row;
    if (isNew || boot !== before.boot || steady_ms - this.#savedMs >= SAVE_EVERY_MS) {
      await this.#save(row);
    }
    return jumped_ms ?? undefined;
  }

  #read(): Promise<KeyClockRow | undefined> {
    return this.#store.read.selectFrom('provider_key_clock').selectAll().executeTakeFirst();
  }

  async #save(row: KeyClockRow): Promise<void> {
    await this.#store.transaction((tx) =>
      tx
        .insertInto('provider_key_clock')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute(),
    );
    this.#savedMs = row.steady_ms;
  }
}

function hasJumped(
  before: KeyClockRow,
  now: Pick<KeyClockRow, 'boot' | 'steady_ms' | 'wall_ms'>,
): boolean {
  const wallMs = now.wall_ms - before.wall_ms;
  // Another machine, or the same one after a start: how long that took, nobody knows.
  if (now.boot !== before.boot) return wallMs < -LEAST_JUMP_MS;
  const steadyMs = now.steady_ms - before.steady_ms;
  return Math.abs(wallMs - steadyMs) > Math.max(LEAST_JUMP_MS, steadyMs * MOST_DRIFT);
}

const PROCESS = `process ${process.pid} ${performance.timeOrigin}`;

/** Since the machine started, time in sleep included; where that cannot be told, since the process did. */
export function systemSteadyTime(): SteadyTime {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { boot, ms: Math.round(uptime() * 1000) };
  } catch {
    // No Linux: each start of the process is taken for one of the machine.
    return { boot: PROCESS, ms: Math.round(performance.now()) };
  }
}

// Traffic of one address, network or realm over the last 5 minutes, hour and day, and what is usual of it
// in 30 days. Each window is two halves in turn: one that fills, and the one before, which counts for the
// part of it that is still inside. A count is off by what was uneven within that half, never more.

import { countDistinct, noteDistinct, REGISTERS } from './distinct-count.ts';

/** Seconds. The last one is the usual. */
export const WINDOWS = [300, 3_600, 86_400, 30 * 86_400] as const;
export const USUAL = 3;
/** Counted in each half. */
const COUNTS = 3;
export const STRIDE = 2 * COUNTS;
/**
 * Numbers of a window, in the order in which they stand: of the period that fills (0 before the first), when
 * the only user so far was seen, and the counts of both halves. As much as a processor reads at once.
 */
const CELLS = 2 + STRIDE;
const SEEN = 1;
const FILLING = 2;
const BEFORE = FILLING + COUNTS;

export interface TrafficCount {
  attempts: number;
  failures: number;
  /** Of the failures, those for accounts that do not exist. */
  unknown: number;
  users: number;
}

export interface TrafficAct {
  second: number;
  failed: boolean;
  unknown: boolean;
  /** 32 mixed bits of who it was; 0 when nobody is known by the name. */
  user: number;
  /** Whether it also says what is usual here. */
  usual: boolean;
}

export class TrafficEntry {
  /** By window: its period, when the only user was seen, attempts, failures and unknown of either half. */
  readonly #cells = new Float64Array(WINDOWS.length * CELLS);
  /** By window and half: the registers of distinct users. Only once there were two. */
  users: Uint8Array | undefined;
  /** Registers to be used again. */
  #spare: Uint8Array | undefined;
  /** The only user so far. */
  lone = 0;

  /** As new, for another key: whoever comes once makes no work for the collector. */
  clear(): this {
    this.#cells.fill(0);
    this.#spare = this.users ?? this.#spare;
    this.users = undefined;
    this.lone = 0;
    return this;
  }

  /** Number of the period that fills; 0 before the first. */
  periodOf(window: number): number {
    return this.#cells[window * CELLS]!;
  }

  /** What is kept of a window: period, last sight of the only user, counts. Written into as well. */
  cellsOf(window: number): Float64Array {
    return this.#cells.subarray(window * CELLS, (window + 1) * CELLS);
  }

  /** Counts one act. Times before the last one count as the last period. */
  note(act: TrafficAct, isUsual = act.usual): void {
    const { user, second } = act;
    const cells = this.#cells;
    if (user !== 0 && this.users === undefined && this.lone !== 0 && this.lone !== user) {
      this.#spread();
    }
    const windows = isUsual ? WINDOWS.length : USUAL;
    for (let window = 0; window < windows; window++) {
      this.#turn(window, second);
      const at = window * CELLS;
      cells[at + FILLING]! += 1;
      if (act.failed) cells[at + FILLING + 1]! += 1;
      if (act.unknown) cells[at + FILLING + 2]! += 1;
      if (user === 0) continue;
      if (this.users) noteDistinct(this.users, 2 * window * REGISTERS, user);
      else if (second > cells[at + SEEN]!) cells[at + SEEN] = second;
    }
    if (user !== 0 && this.users === undefined) this.lone = user;
  }

  /** What the window holds at a time, written over `into`. Changes nothing. Counting users costs most. */
  read(window: number, second: number, into: TrafficCount, users = true): void {
    const cells = this.#cells;
    const at = window * CELLS;
    const filling = cells[at]!;
    const elapsed = second / WINDOWS[window]!;
    const whole = Math.floor(elapsed);
    const behind = Math.max(whole + 1 - filling, 0);
    const rest = filling === 0 || behind > 1 ? 0 : 1;
    const inside = 1 - (elapsed - whole);
    // Behind by one, what fills is the half before, and the half before it is gone.
    const first = behind === 0 ? 1 : inside;
    const before = behind === 0 ? inside : 0;
    into.attempts = rest * (first * cells[at + FILLING]! + before * cells[at + BEFORE]!);
    into.failures = rest * (first * cells[at + FILLING + 1]! + before * cells[at + BEFORE + 1]!);
    into.unknown = rest * (first * cells[at + FILLING + 2]! + before * cells[at + BEFORE + 2]!);
    into.users = rest === 0 || !users ? 0 : this.#users(window, second, behind, inside);
  }

  /** Whether the window still holds anything at the time. */
  isLive(window: number, second: number): boolean {
    const period = this.periodOf(window);
    return period !== 0 && periodAt(second, WINDOWS[window]!) - period <= 1;
  }

  #users(window: number, second: number, behind: number, inside: number): number {
    if (this.users === undefined) {
      const seen = this.lone !== 0 && this.#seen(window) > second - WINDOWS[window]!;
      return seen ? 1 : 0;
    }
    const at = 2 * window * REGISTERS;
    const now = countDistinct(this.users, at);
    if (behind === 1) return inside * now;
    return now + inside * (countDistinct(this.users, at, at + REGISTERS) - now);
  }

  #seen(window: number): number {
    return this.#cells[window * CELLS + SEEN]!;
  }

  #turn(window: number, second: number): void {
    const cells = this.#cells;
    const at = window * CELLS;
    const period = periodAt(second, WINDOWS[window]!);
    const ahead = period - cells[at]!;
    if (ahead <= 0) return;
    cells[at] = period;
    for (let count = 0; count < COUNTS; count++) {
      cells[at + BEFORE + count] = ahead === 1 ? cells[at + FILLING + count]! : 0;
      cells[at + FILLING + count] = 0;
    }
    if (this.users === undefined) return;
    const registers = 2 * window * REGISTERS;
    if (ahead === 1) {
      this.users.copyWithin(registers + REGISTERS, registers, registers + REGISTERS);
    } else this.users.fill(0, registers + REGISTERS, registers + 2 * REGISTERS);
    this.users.fill(0, registers, registers + REGISTERS);
  }

  /** A second user: from here on they are counted, the first one where he was seen. */
  #spread(): void {
    this.users = this.#spare?.fill(0) ?? new Uint8Array(2 * WINDOWS.length * REGISTERS);
    this.#spare = undefined;
    for (let window = 0; window < WINDOWS.length; window++) {
      const seen = this.#seen(window);
      this.#cells[window * CELLS + SEEN] = 0;
      if (seen === 0) continue;
      const behind = this.periodOf(window) - periodAt(seen, WINDOWS[window]!);
      if (behind > 1) continue;
      noteDistinct(this.users, (2 * window + behind) * REGISTERS, this.lone);
    }
    this.lone = 0;
  }
}

/** From 1: 0 says that there was none. */
function periodAt(second: number, length: number): number {
  return Math.floor(second / length) + 1;
}

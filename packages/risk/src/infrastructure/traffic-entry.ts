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
  /** By window: number of the period that fills; 0 before the first. */
  readonly periods = new Float64Array(WINDOWS.length);
  /** By window and half: attempts, failures, unknown. */
  readonly counts = new Float64Array(WINDOWS.length * STRIDE);
  /** By window and half: the registers of distinct users. Only once there were two. */
  users: Uint8Array | undefined;
  /** The only user so far, and when. */
  lone = 0;
  readonly loneSeconds = new Float64Array(WINDOWS.length);

  /** Counts one act. Times before the last one count as the last period. */
  note(act: TrafficAct): void {
    const { user } = act;
    if (user !== 0 && this.users === undefined && this.lone !== 0 && this.lone !== user) {
      this.#spread();
    }
    for (let window = 0; window < WINDOWS.length; window++) {
      if (window === USUAL && !act.usual) continue;
      this.#turn(window, act.second);
      const at = window * STRIDE;
      this.counts[at]! += 1;
      if (act.failed) this.counts[at + 1]! += 1;
      if (act.unknown) this.counts[at + 2]! += 1;
      if (user === 0) continue;
      if (this.users) noteDistinct(this.users, 2 * window * REGISTERS, user);
      else this.loneSeconds[window] = Math.max(act.second, this.loneSeconds[window]!);
    }
    if (user !== 0 && this.users === undefined) this.lone = user;
  }

  /** What the window holds at a time, written over `into`. Changes nothing. Counting users costs most. */
  read(window: number, second: number, into: TrafficCount, users = true): void {
    const length = WINDOWS[window]!;
    const period = periodOf(second, length);
    const behind = Math.max(period - this.periods[window]!, 0);
    const rest = this.periods[window] === 0 || behind > 1 ? 0 : 1;
    const inside = 1 - ((second / length) % 1);
    // Behind by one, what fills is the half before, and the half before it is gone.
    const [first, second_] = behind === 0 ? [1, inside] : [inside, 0];
    const at = window * STRIDE;
    const { counts } = this;
    into.attempts = rest * (first * counts[at]! + second_ * counts[at + COUNTS]!);
    into.failures = rest * (first * counts[at + 1]! + second_ * counts[at + COUNTS + 1]!);
    into.unknown = rest * (first * counts[at + 2]! + second_ * counts[at + COUNTS + 2]!);
    into.users = rest === 0 || !users ? 0 : this.#users(window, second, behind, inside);
  }

  /** Whether the window still holds anything at the time. */
  isLive(window: number, second: number): boolean {
    const period = this.periods[window]!;
    return period !== 0 && periodOf(second, WINDOWS[window]!) - period <= 1;
  }

  #users(window: number, second: number, behind: number, inside: number): number {
    if (this.users === undefined) {
      const seen = this.lone !== 0 && this.loneSeconds[window]! > second - WINDOWS[window]!;
      return seen ? 1 : 0;
    }
    const at = 2 * window * REGISTERS;
    const now = countDistinct(this.users, at);
    if (behind === 1) return inside * now;
    return now + inside * (countDistinct(this.users, at, at + REGISTERS) - now);
  }

  #turn(window: number, second: number): void {
    const period = periodOf(second, WINDOWS[window]!);
    const ahead = period - this.periods[window]!;
    if (ahead <= 0) return;
    this.periods[window] = period;
    const at = window * STRIDE;
    if (ahead === 1) this.counts.copyWithin(at + COUNTS, at, at + COUNTS);
    else this.counts.fill(0, at + COUNTS, at + STRIDE);
    this.counts.fill(0, at, at + COUNTS);
    if (this.users === undefined) return;
    const registers = 2 * window * REGISTERS;
    if (ahead === 1) {
      this.users.copyWithin(registers + REGISTERS, registers, registers + REGISTERS);
    } else this.users.fill(0, registers + REGISTERS, registers + 2 * REGISTERS);
    this.users.fill(0, registers, registers + REGISTERS);
  }

  /** A second user: from here on they are counted, the first one where he was seen. */
  #spread(): void {
    this.users = new Uint8Array(2 * WINDOWS.length * REGISTERS);
    for (let window = 0; window < WINDOWS.length; window++) {
      const seen = this.loneSeconds[window]!;
      if (seen === 0) continue;
      const behind = this.periods[window]! - periodOf(seen, WINDOWS[window]!);
      if (behind > 1) continue;
      noteDistinct(this.users, (2 * window + behind) * REGISTERS, this.lone);
    }
    this.lone = 0;
    this.loneSeconds.fill(0);
  }
}

/** From 1: 0 says that there was none. */
function periodOf(second: number, length: number): number {
  return Math.floor(second / length) + 1;
}

// The bytes of the counters of traffic: the realm, then each table in the order in which keys make room.
// A window that holds nothing any more is a bit.

import { RiskError } from '../risk-error.ts';
import { NumbersIn } from '../score/numbers-in.ts';
import { NumbersOut } from '../score/numbers-out.ts';
import { MOST_RANK, REGISTERS } from './distinct-count.ts';
import type { InfrastructureCounters } from './infrastructure-counters.ts';
import { STRIDE, TrafficEntry, WINDOWS } from './traffic-entry.ts';

const VERSION = 1;
const MOST_ADDRESSES = 2 ** 20;
/** How `flags` say that there are registers, and that there is one user. */
const [HAS_USERS, HAS_LONE] = [16, 32];

export function encodeTraffic(counters: InfrastructureCounters): Uint8Array {
  const out = new NumbersOut().u8(VERSION).u32(counters.maxAddresses);
  out.u32(counters.second);
  encodeEntry(out, counters.realm, counters.second);
  for (const { newcomers, settled } of counters.tables) {
    for (const queue of [newcomers, settled]) {
      out.u32(queue.size);
      for (const [key, entry] of queue) {
        out.f64(key);
        encodeEntry(out, entry, counters.second);
      }
    }
  }
  return out.bytes();
}

function encodeEntry(out: NumbersOut, entry: TrafficEntry, second: number): void {
  let flags = (entry.users ? HAS_USERS : 0) + (entry.lone ? HAS_LONE : 0);
  for (let window = 0; window < WINDOWS.length; window++) {
    if (entry.isLive(window, second)) flags |= 1 << window;
  }
  out.u8(flags);
  for (let window = 0; window < WINDOWS.length; window++) {
    if ((flags & (1 << window)) === 0) continue;
    const cells = entry.cellsOf(window);
    out.u32(cells[0]!);
    for (let at = cells.length - STRIDE; at < cells.length; at++) out.u32(cells[at]!);
    if (entry.lone) out.u32(cells[1]!);
    const start = 2 * window * REGISTERS;
    if (entry.users) out.raw(entry.users.subarray(start, start + 2 * REGISTERS));
  }
  if (entry.lone) out.u32(entry.lone);
}

/** @throws RiskError `bad_traffic`. */
export function decodeTraffic(
  bytes: Uint8Array,
  make: (maxAddresses: number) => InfrastructureCounters,
): InfrastructureCounters {
  const numbers = new NumbersIn(
    bytes,
    (what) =>
      new RiskError('bad_traffic', 'These are not the counters of a realm.', { detail: what }),
  );
  numbers.version(VERSION);
  const counters = make(numbers.u32('addresses', MOST_ADDRESSES));
  counters.second = numbers.u32('second');
  decodeEntry(numbers, counters.realm);
  for (const table of counters.tables) {
    for (const queue of [table.newcomers, table.settled]) {
      for (let left = numbers.u32('keys', table.most); left > 0; left--) {
        const key = numbers.whole('key', 2 ** 52);
        if (table.get(key)) throw numbers.refuse('key twice');
        const entry = new TrafficEntry();
        decodeEntry(numbers, entry);
        queue.set(key, entry);
      }
    }
    if (table.size > table.most) throw numbers.refuse('keys');
  }
  numbers.end();
  return counters;
}

function decodeEntry(numbers: NumbersIn, entry: TrafficEntry): void {
  const flags = numbers.u8('flags', 63);
  const [users, lone] = [(flags & HAS_USERS) !== 0, (flags & HAS_LONE) !== 0];
  if (users && lone) throw numbers.refuse('users');
  if (users) entry.users = new Uint8Array(2 * WINDOWS.length * REGISTERS);
  for (let window = 0; window < WINDOWS.length; window++) {
    if ((flags & (1 << window)) === 0) continue;
    const period = numbers.u32('period');
    if (period === 0) throw numbers.refuse('period');
    const counts = Array.from({ length: STRIDE }, () => numbers.u32('count'));
    entry.cellsOf(window).set([period, lone ? numbers.u32('seen') : 0, ...counts]);
    if (users) {
      const registers = numbers.raw('registers', 2 * REGISTERS);
      if (registers.some((rank) => rank > MOST_RANK)) throw numbers.refuse('registers');
      entry.users!.set(registers, 2 * window * REGISTERS);
    }
  }
  if (!lone) return;
  entry.lone = numbers.u32('user');
  if (entry.lone === 0) throw numbers.refuse('user');
}

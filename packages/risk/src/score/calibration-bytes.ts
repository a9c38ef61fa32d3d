// The bytes of a calibration: acts per bucket, the quota of the day, then each cell and the trees of
// novelty. A cell that was never taught is one byte.

import { OnlineOddness } from '../novelty/online-oddness.ts';
import { RiskError } from '../risk-error.ts';
import type { Calibration } from './calibration.ts';
import { NumbersIn } from './numbers-in.ts';
import { NumbersOut } from './numbers-out.ts';
import { TailSketch } from './tail-sketch.ts';

const VERSION = 1;
const LAST_MS = 8.64e15;

export function encodeCalibration(calibration: Calibration): Uint8Array {
  const { acts, unsure, quota, cells } = calibration;
  const out = new NumbersOut().u8(VERSION).u8(acts.length).u8(cells.length);
  acts.forEach((count, bucket) => {
    out.f64(count).f64(unsure[bucket]!);
  });
  out
    .f64(quota.day)
    .f64(quota.total)
    .u8(Number(quota.total > 0));
  if (quota.total > 0) for (const count of quota.counters) out.u32(count);
  for (const cell of cells) {
    const used = cell.current.count + cell.previous.count > 0;
    out.u8(Number(used));
    if (!used) continue;
    out.f64(cell.startMs);
    cell.current.encode(out);
    cell.previous.encode(out);
  }
  calibration.online.encode(out);
  return out.bytes();
}

/** @throws RiskError `bad_calibration`. */
export function decodeCalibration(bytes: Uint8Array, into: Calibration): Calibration {
  const numbers = new NumbersIn(bytes, refuse);
  numbers.version(VERSION);
  if (numbers.u8('buckets') !== into.acts.length) throw refuse('buckets');
  if (numbers.u8('cells') !== into.cells.length) throw refuse('cells');
  for (let bucket = 0; bucket < into.acts.length; bucket++) {
    into.acts[bucket] = numbers.whole('acts');
    into.unsure[bucket] = numbers.whole('unsure', into.acts[bucket]);
  }
  into.quota.day = numbers.f64('day', -1e8, 1e8);
  into.quota.total = numbers.whole('quota');
  if (numbers.u8('quota', 1) === 1) {
    for (let slot = 0; slot < into.quota.counters.length; slot++) {
      into.quota.counters[slot] = numbers.u32('quota', 65_535);
    }
  }
  for (const cell of into.cells) {
    if (numbers.u8('used', 1) === 0) continue;
    cell.startMs = numbers.f64('start', -LAST_MS, LAST_MS);
    cell.current = TailSketch.decode(numbers);
    cell.previous = TailSketch.decode(numbers);
  }
  into.online = OnlineOddness.decode(numbers);
  numbers.end();
  return into;
}

function refuse(what: string): RiskError {
  return new RiskError('bad_calibration', 'These are not the bytes of a calibration.', {
    detail: what,
  });
}

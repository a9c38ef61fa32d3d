// The bytes of a realm's counts: a header, then each table by value. Equal counts have equal bytes.

import { ATTRIBUTES, MAX_VALUE } from '../input/attributes.ts';
import { RiskError } from '../risk-error.ts';
import type { RealmCounts, RealmCountsOptions } from './realm-counts.ts';

export const COUNTS_VERSION = 1;
const HEADER = 24; // version, attributes, 2 unused, maxValues, epoch, last, total
const TABLE = 16; // total, size, 4 unused
const ENTRY = 16; // value, weight
const MOST_WEIGHT = 2 ** 120;

export function encodeCounts(counts: RealmCounts): Uint8Array {
  const entries = counts.tables.map((table) => table.entries());
  const rows = entries.reduce((sum, each) => sum + each.length, 0);
  const view = new DataView(new ArrayBuffer(HEADER + TABLE * entries.length + ENTRY * rows));
  view.setUint8(0, COUNTS_VERSION);
  view.setUint8(1, entries.length);
  view.setUint32(4, counts.maxValues, true);
  view.setUint32(8, counts.epoch, true);
  view.setUint32(12, counts.last, true);
  view.setFloat64(16, counts.total, true);
  let at = HEADER;
  entries.forEach((list, index) => {
    view.setFloat64(at, counts.tables[index]!.total, true);
    view.setUint32(at + 8, list.length, true);
    at += TABLE;
    for (const [value, weight] of list) {
      view.setFloat64(at, value, true);
      view.setFloat64(at + 8, weight, true);
      at += ENTRY;
    }
  });
  return new Uint8Array(view.buffer);
}

/** @throws RiskError `bad_counts`. */
export function decodeCounts(
  bytes: Uint8Array,
  make: (options: RealmCountsOptions) => RealmCounts,
): RealmCounts {
  if (bytes.length < HEADER + TABLE * ATTRIBUTES.length) throw refuse('length');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== COUNTS_VERSION) throw refuse('version');
  if (view.getUint8(1) !== ATTRIBUTES.length || view.getUint16(2) !== 0) throw refuse('attributes');
  const counts = make({ maxValues: view.getUint32(4, true) });
  if (counts.maxValues !== view.getUint32(4, true)) throw refuse('bound');
  counts.epoch = view.getUint32(8, true);
  counts.last = view.getUint32(12, true);
  counts.total = view.getFloat64(16, true);
  if (counts.epoch > counts.last || !isWeight(counts.total)) throw refuse('header');
  let at = HEADER;
  for (const table of counts.tables) {
    if (at + TABLE > bytes.length) throw refuse('length');
    const size = view.getUint32(at + 8, true);
    const total = view.getFloat64(at, true);
    if (size > counts.maxValues || !isWeight(total) || total > counts.total * 1.000001) {
      throw refuse('table');
    }
    if (view.getUint32(at + 12, true) !== 0) throw refuse('unused bytes');
    at += TABLE;
    if (at + ENTRY * size > bytes.length) throw refuse('length');
    table.restore(readEntries(view, at, size, total), total);
    at += ENTRY * size;
  }
  if (at !== bytes.length) throw refuse('length');
  return counts;
}

function readEntries(view: DataView, start: number, size: number, total: number) {
  const entries: [number, number][] = [];
  let [before, held] = [0, 0];
  for (let at = start; at < start + ENTRY * size; at += ENTRY) {
    const value = view.getFloat64(at, true);
    const weight = view.getFloat64(at + 8, true);
    if (!Number.isInteger(value) || value <= before || value > MAX_VALUE) throw refuse('value');
    if (!isWeight(weight) || weight === 0) throw refuse('weight');
    entries.push([value, weight]);
    before = value;
    held += weight;
  }
  if (held > total * 1.000001) throw refuse('weight');
  return entries;
}

function isWeight(weight: number): boolean {
  return weight >= 0 && weight <= MOST_WEIGHT;
}

function refuse(what: string): RiskError {
  return new RiskError('bad_counts', 'These are not the counts of a realm.', { detail: what });
}

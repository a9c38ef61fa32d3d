// Lives the acts once more in order of time: each is described by what was known before it, then learnt.
// An attack is described against the history of its victim at that moment and leaves no trace.

import { depthBucket } from '../assess/risk-engine.ts';
import { RealmCounts } from '../counts/realm-counts.ts';
import { ATTRIBUTES } from '../input/attributes.ts';
import { Profile } from '../profile/profile.ts';
import { RELATION_FEATURES } from '../relation/relation-features.ts';
import { writeRelationRow } from '../relation/write-relation-row.ts';
import { RowStore } from './row-store.ts';
import type { TrainingAttacks, TrainingRows } from './training-rows.ts';

export interface GatherOptions {
  /** Rows before this one only teach: without any history everything looks odd. */
  firstRow: number;
  /** Legitimate rows from this one on calibrate and train nothing. */
  heldOutRow: number;
  /** Most rows of legitimate acts; beyond, each is taken with the same chance. */
  mostRows: number;
  onProgress?: (row: number) => void;
}

export interface Gathered {
  training: RowStore;
  heldOut: RowStore;
}

export function gatherRows(
  rows: TrainingRows,
  attacks: TrainingAttacks,
  options: GatherOptions,
): Gathered {
  const gathered: Gathered = {
    training: new RowStore(RELATION_FEATURES.length),
    heldOut: new RowStore(RELATION_FEATURES.length),
  };
  const profiles = new Array<Profile | undefined>(rows.subjects);
  const last = lastRows(rows);
  const counts = new RealmCounts({ maxValues: 2 ** 20 });
  const values = new Float64Array(ATTRIBUTES.length);
  const features = new Float64Array(RELATION_FEATURES.length);
  const share = Math.min(1, options.mostRows / Math.max(1, rows.size - options.firstRow));
  let attack = 0;
  for (let row = 0; row < rows.size; row++) {
    const timeMs = rows.timeMs[row]!;
    const subject = rows.subject[row]!;
    profiles[subject] ??= new Profile();
    const profile = profiles[subject];
    const store = row < options.heldOutRow ? gathered.training : gathered.heldOut;
    const bucket = depthBucket(profile.depth);
    const isTaken = row >= options.firstRow && profile.depth > 0;
    const describe = (kind: number) => {
      writeRelationRow(profile, counts, undefined, values, timeMs, true, features);
      store.add(features, kind, bucket);
    };
    for (; attack < attacks.size && attacks.row[attack]! <= row; attack++) {
      if (!isTaken || attacks.row[attack]! < row) continue;
      attacks.fill(attack, values);
      describe(1 + attacks.kind[attack]!);
    }
    rows.fill(row, values);
    if (isTaken && isDrawn(row, share)) describe(0);
    profile.learn(values, timeMs);
    counts.learn(values, timeMs);
    // Nobody asks about a subject that never comes again: over a kilobyte each, of millions.
    if (last[subject] === row) profiles[subject] = undefined;
    if (row % 65_536 === 0) options.onProgress?.(row);
  }
  return gathered;
}

/** By subject: the last of its rows. */
function lastRows({ size, subject, subjects }: TrainingRows): Uint32Array {
  const last = new Uint32Array(subjects);
  for (let row = 0; row < size; row++) last[subject[row]!] = row;
  return last;
}

/** The same rows on every machine, and none that a pattern in time would prefer. */
function isDrawn(row: number, share: number): boolean {
  if (share >= 1) return true;
  const mixed = Math.imul(Math.imul(row + 1, 0x9e3779b1) ^ (row >>> 13), 0x85ebca6b);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32 < share;
}

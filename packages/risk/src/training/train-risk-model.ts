// Trains the two learned heads: relation on every kind of attacker that comes from elsewhere, targeted on
// the one that shows all but an address. The same function serves made-up data and a tenant's own.

import { type Booster, trainBooster } from '@countersign/learner';
import type { RiskModel } from '../model/risk-model.ts';
import { RELATION_FEATURES, RELATION_MONOTONE } from '../relation/relation-features.ts';
import { RiskError } from '../risk-error.ts';
import { gatherRows } from './gather-rows.ts';
import { measureTails } from './measure-tails.ts';
import { replaceAttacks } from './replace-attacks.ts';
import type { RowStore } from './row-store.ts';
import {
  ATTACKS,
  type AttackName,
  type TrainingAttacks,
  type TrainingRows,
} from './training-rows.ts';

export interface TrainOptions {
  /** Same seed, rows and options: same bytes. */
  seed: number;
  /** Name and version: letters, digits and `._-`. */
  id: string;
  /** ISO date and time that goes into the file. */
  made: string;
  /** What the rows are, for people: 'generator', 'rba', … */
  data: string;
  /** Attackers of the caller; simulated from the rows when absent. */
  attacks?: TrainingAttacks;
  /** Share of the rows that only teach, before anything is trained. Default 0.05. */
  warmUpShare?: number;
  /** Share of the rows, the last ones, whose legitimate acts calibrate. Default 0.25. */
  heldOutShare?: number;
  /** Most legitimate acts that train. Default 1,000,000. */
  mostRows?: number;
  trees?: number;
  onProgress?: (step: 'gather' | 'relation' | 'targeted', done: number, of: number) => void;
}

/** Fewer than so many legitimate acts or attacks teach noise. */
const FEWEST_ROWS = 500;
const RELATION_KINDS: readonly AttackName[] = ['naive', 'vpn'];
const TARGETED_KINDS: readonly AttackName[] = ['targeted'];

/** @throws RiskError `bad_rows`: too few acts, or acts out of order. */
export function trainRiskModel(rows: TrainingRows, options: TrainOptions): RiskModel {
  checkOrder(rows);
  const attacks = options.attacks ?? replaceAttacks(rows, { seed: options.seed });
  const gathered = gatherRows(rows, attacks, {
    firstRow: Math.floor(rows.size * (options.warmUpShare ?? 0.05)),
    heldOutRow: Math.floor(rows.size * (1 - (options.heldOutShare ?? 0.25))),
    mostRows: options.mostRows ?? 1_000_000,
    onProgress: (row) => options.onProgress?.('gather', row, rows.size),
  });
  const { training, heldOut } = gathered;
  const relation = train('relation', training, RELATION_KINDS, options);
  const targeted = train('targeted', training, TARGETED_KINDS, options);
  return {
    id: options.id,
    made: options.made,
    seed: options.seed,
    features: RELATION_FEATURES,
    relation,
    targeted,
    tails: { relation: tailsOf(relation, heldOut), targeted: tailsOf(targeted, heldOut) },
    parts: {},
    summary: {
      data: options.data,
      rows: rows.size,
      legitimate: countKind(training, 0),
      attacks: Object.fromEntries(
        ATTACKS.map((name, index) => [name, countKind(training, 1 + index)]),
      ),
      heldOut: countKind(heldOut, 0),
    },
  };
}

function train(
  head: 'relation' | 'targeted',
  store: RowStore,
  attacks: readonly AttackName[],
  options: TrainOptions,
): Booster {
  const kinds = new Set([0, ...attacks.map((name) => 1 + ATTACKS.indexOf(name))]);
  const { x, y } = store.select(kinds);
  const positive = y.reduce((sum, label) => sum + label, 0);
  if (positive < FEWEST_ROWS || y.length - positive < FEWEST_ROWS) {
    throw new RiskError(
      'bad_rows',
      'Give more acts: too few of them have a history, or too few attackers could be simulated.',
      { detail: `${head}: ${positive} of ${y.length}` },
    );
  }
  return trainBooster(x, y, {
    seed: options.seed,
    trees: options.trees ?? 200,
    leaves: 8,
    learningRate: 0.08,
    minLeafRows: 100,
    l2: 10,
    monotone: RELATION_MONOTONE,
    features: RELATION_FEATURES,
    onProgress: ({ trees, of }) => options.onProgress?.(head, trees, of),
  });
}

function tailsOf(booster: Booster, store: RowStore) {
  const legitimate: number[] = [];
  for (let row = 0; row < store.size; row++) if (store.kinds[row] === 0) legitimate.push(row);
  const data = store.data;
  return measureTails(
    Float64Array.from(legitimate, (row) => booster.predict(data, row * store.columns)),
    Uint8Array.from(legitimate, (row) => store.buckets[row]!),
  );
}

function countKind(store: RowStore, kind: number): number {
  let count = 0;
  for (let row = 0; row < store.size; row++) if (store.kinds[row] === kind) count++;
  return count;
}

function checkOrder({ size, timeMs, subject, subjects }: TrainingRows): void {
  for (let row = 0; row < size; row++) {
    const isInOrder = row === 0 ? timeMs[0]! >= 0 : timeMs[row]! >= timeMs[row - 1]!;
    if (!isInOrder || subject[row]! >= subjects) {
      throw new RiskError('bad_rows', 'Give the acts in order of time, each of a known subject.', {
        detail: `row ${row}`,
      });
    }
  }
}

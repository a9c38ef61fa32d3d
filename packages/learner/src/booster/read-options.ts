// Options of a training with their defaults, each inside its bounds.

import { learnerRefusal } from '../learner-error.ts';
import { MOST_LEAVES } from '../trees/tree.ts';
import { MOST_TREES } from './booster.ts';
import type { BoosterOptions } from './booster-options.ts';

type Free = 'weights' | 'validation' | 'onProgress';
export type BoosterPlan = Required<Omit<BoosterOptions, Free>> & Pick<BoosterOptions, Free>;

/** @throws CodedError `options_invalid` */
export function readOptions(options: BoosterOptions, columns: number): BoosterPlan {
  const plan: BoosterPlan = {
    ...{ trees: 200, leaves: 8, learningRate: 0.08, minLeafRows: 100, l2: 10, bins: 255 },
    ...{ monotone: new Array<0>(columns).fill(0), rowShare: 1, columnShare: 1 },
    features: nameColumns(columns),
    ...options,
  };
  const whole = (name: 'trees' | 'leaves' | 'minLeafRows' | 'bins', low: number, high: number) =>
    demand(Number.isInteger(plan[name]) && plan[name] >= low && plan[name] <= high, name);
  whole('trees', 1, MOST_TREES);
  whole('leaves', 2, MOST_LEAVES);
  whole('minLeafRows', 1, 2 ** 31);
  whole('bins', 2, 255);
  demand(plan.learningRate > 0 && plan.learningRate <= 1, 'learningRate');
  demand(plan.l2 >= 0 && plan.l2 <= 1e9, 'l2');
  demand(plan.rowShare > 0 && plan.rowShare <= 1, 'rowShare');
  demand(plan.columnShare > 0 && plan.columnShare <= 1, 'columnShare');
  demand(Number.isSafeInteger(plan.seed), 'seed');
  demand(plan.monotone.length === columns, 'monotone');
  demand(
    plan.monotone.every((sign) => sign === 0 || sign === 1 || sign === -1),
    'monotone',
  );
  demand(plan.features.length === columns, 'features');
  return plan;
}

/** f0, f1, … */
export function nameColumns(columns: number): string[] {
  return Array.from({ length: columns }, (_, column) => `f${column}`);
}

/** @throws CodedError `options_invalid` */
export function demand(holds: boolean, name: string): void {
  if (!holds) throw learnerRefusal('options_invalid', `The option ${name} is out of bounds.`);
}

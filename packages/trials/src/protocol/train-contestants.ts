// The contestants that are learned on the relation features: what a plain method gets out of the same
// columns, and the product's two learned heads each by itself.

import {
  type IsolationForest,
  type Logistic,
  type Matrix,
  trainIsolationForest,
  trainLogistic,
} from '@countersign/learner';
import {
  ATTACKS,
  type AttackName,
  type Gathered,
  RELATION_FEATURES,
  RELATION_MONOTONE,
  type RiskModel,
} from '@countersign/risk';
import { Freeman } from '../baselines/freeman.ts';
import { Dice } from '../generator/dice.ts';
import type { Logins } from '../logins.ts';
import type { Contestant } from './contestant.ts';

/** Knows nothing: what any figure is worth that chance reaches, too. */
export function randomContestant(seed: number): Contestant {
  const dice = new Dice(seed, 0x5a1d);
  return { name: 'random', score: () => dice.uniform() };
}

export function freemanContestant(logins: Logins): Contestant {
  const freeman = new Freeman(logins);
  return {
    name: 'freeman',
    score: ({ user, traits, at }) => freeman.score(user, traits, at),
    learn: (row) => freeman.learn(row),
  };
}

/** Logistic regression, on all attackers of the training part. */
export function logisticContestant({ training }: Gathered): Contestant {
  const { x, y } = training.select(kindsOf(ATTACKS));
  const model: Logistic = trainLogistic(x, y, {
    signs: RELATION_MONOTONE,
    features: RELATION_FEATURES,
  });
  return { name: 'logistic', score: ({ features }) => model.predict(features) };
}

/** An isolation forest, on legitimate logins alone. */
export function isolationContestant({ training }: Gathered, seed: number): Contestant {
  const x: Matrix = training.select(new Set([0])).x;
  const model: IsolationForest = trainIsolationForest(x, { seed, features: RELATION_FEATURES });
  return { name: 'isolation-forest', score: ({ features }) => model.score(features) };
}

/** The learned heads as they come, before anything is calibrated or fused. */
export function headContestants({ relation, targeted }: RiskModel): Contestant[] {
  return [
    { name: 'relation', score: ({ features }) => relation.predict(features) },
    { name: 'targeted', score: ({ features }) => targeted.predict(features) },
  ];
}

/** Kinds of rows in a `RowStore`: legitimate ones and those of the attackers. */
export function kindsOf(attackers: readonly AttackName[]): ReadonlySet<number> {
  return new Set([0, ...attackers.map((name) => 1 + ATTACKS.indexOf(name))]);
}

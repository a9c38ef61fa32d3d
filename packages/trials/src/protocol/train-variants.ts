// The relation head trained again with something left out: an attacker it never saw (does it detect what
// is new?), or a group of features (what does it live on?). Variants take part like everybody else.

import { trainBooster } from '@countersign/learner';
import {
  type AttackName,
  type Gathered,
  RELATION_FEATURES,
  RELATION_GROUPS,
  RELATION_MONOTONE,
} from '@countersign/risk';
import type { Contestant } from './contestant.ts';
import { kindsOf } from './train-contestants.ts';

export interface Variant {
  contestant: Contestant;
  /** The attacker or the group that was left out. */
  without: string;
  what: 'attacker' | 'group';
}

/** Groups as a person would say them. */
export const FEATURE_GROUPS: Readonly<Record<string, readonly string[]>> = {
  address: ['ip', 'net'],
  network: ['asn', 'country'],
  agent: ['ua', 'browser', 'os', 'device'],
  time: ['time'],
  history: ['history'],
};

interface Growing {
  seed: number;
  trees: number;
  onProgress?: (done: number, of: number) => void;
}

/** One variant without each attacker, and one without each group. */
export function trainVariants({ training }: Gathered, growing: Growing): Variant[] {
  const seen: readonly AttackName[] = ['naive', 'vpn', 'targeted'];
  const groups = Object.keys(FEATURE_GROUPS);
  const of = seen.length + groups.length;
  const variants: Variant[] = [];
  const add = (
    what: Variant['what'],
    without: string,
    attackers: readonly AttackName[],
    isHidden: (column: number) => boolean,
  ): void => {
    growing.onProgress?.(variants.length, of);
    const { x, y } = training.select(kindsOf(attackers));
    // A column that never changes is never split: the variant cannot read it later either.
    for (let column = 0; column < x.columns; column++)
      if (isHidden(column))
        for (let row = 0; row < x.rows; row++) x.data[row * x.columns + column] = 0;
    const booster = trainBooster(x, y, {
      ...{ seed: growing.seed, trees: growing.trees, leaves: 8, learningRate: 0.08 },
      ...{ minLeafRows: 100, l2: 10, monotone: RELATION_MONOTONE, features: RELATION_FEATURES },
    });
    const name = `without ${without}`;
    const contestant = { name, score: ({ features }) => booster.predict(features) } as Contestant;
    variants.push({ what, without, contestant });
  };
  for (const without of seen)
    add(
      'attacker',
      without,
      seen.filter((each) => each !== without),
      () => false,
    );
  for (const without of groups)
    add('group', without, ['naive', 'vpn'], (column) =>
      (FEATURE_GROUPS[without] ?? []).includes(RELATION_GROUPS[column] ?? ''),
    );
  return variants;
}

// The whole evaluation: a frame, attackers in it, everybody who takes part, and what is to be said of them.
// The first 60 % of the logins train; of those the last quarter trains nothing and sets thresholds; the rest
// is the test. History is always and only what was before.

import { type Gathered, gatherRows, type RiskModel, trainRiskModel } from '@countersign/risk';
import { ATTACKERS, type Attacks, placeAttacks } from '../attackers/place-attacks.ts';
import type { Logins } from '../logins.ts';
import { type Cases, LEGIT } from './cases.ts';
import type { Contestant } from './contestant.ts';
import { countersignContestant, promisedScore } from './countersign-contestant.ts';
import { FeatureBook } from './feature-book.ts';
import { mergeAttacks } from './merge-attacks.ts';
import { runTrial } from './run-trial.ts';
import {
  ATTACK_NAMES,
  type ByAttack,
  type ContestantFigures,
  summariseContestant,
} from './summarise.ts';
import { fromOddest, ratesOf } from './sweep.ts';
import { toTrainingAttacks, toTrainingRows } from './to-training-rows.ts';
import * as train from './train-contestants.ts';
import { trainVariants, type Variant } from './train-variants.ts';

export interface EvaluateOptions {
  seed: number;
  /** ISO date and time that goes into the model's summary. */
  made: string;
  /** Bootstrap draws. */
  draws: number;
  /** Leave-one-attacker-out and ablation: some trainings more. */
  thorough: boolean;
  /** Share of the training's logins with history that each attacker replaces; and of the test's. */
  trainingShare?: number;
  testShare?: number;
  /** Most legitimate logins that train, and that are scored. */
  mostRows?: number;
  trees?: number;
  /** A model that was trained elsewhere, judged beside: `shipped`. */
  shipped?: RiskModel;
  /** What the frame is, for people. */
  data: string;
  onProgress?: (what: string, done: number, of: number) => void;
}

interface CaseCounts {
  validation: number;
  test: number;
  /** Of the test. */
  legit: number;
  attacks: number;
  byAttack: ByAttack<number>;
}

export interface Evaluation {
  split: { training: number } & CaseCounts;
  models: Record<string, ContestantFigures>;
  /** The product against Freeman on the same cases, by attack: figures of one over those of the other. */
  overFreeman: Record<
    'recallAtFpr1' | 'reauthAtTpr99' | 'targetedHeadRecallAtFpr1',
    ByAttack<number>
  >;
  /** The relation head without an attacker or a group of features: recall at 1 %. */
  variants: { what: Variant['what']; without: string; recallAtFpr1: ByAttack<number> }[];
  model: RiskModel;
}

export const SPLIT = { training: 0.6, heldOut: 0.25, warmUp: 0.05 } as const;
const MOST_ROWS = 1_000_000;
/** Attacks of each kind: a third of the logins of the published file would be three million. */
const MOST_ATTACKS = { training: 600_000, test: 200_000 } as const;
const TREES = 200;

/** @param takeovers attacks of the data itself, beside those that are simulated */
export function evaluate(
  logins: Logins,
  options: EvaluateOptions,
  takeovers?: Attacks,
): Evaluation {
  const testRow = Math.floor(logins.size * SPLIT.training);
  const validationRow = Math.floor(testRow * (1 - SPLIT.heldOut));
  const say = options.onProgress ?? (() => {});
  const { model, gathered } = trainAll(logins, testRow, options);
  const variants = options.thorough
    ? trainVariants(gathered, {
        ...{ seed: options.seed, trees: options.trees ?? TREES },
        onProgress: (done, of) => say('training with something left out', done, of),
      })
    : [];
  const named = contestantsOf(logins, model, gathered, options);
  const contestants = [...named, ...variants.map(({ contestant }) => contestant)];
  const testShare = Math.min(options.testShare ?? 0.1, MOST_ATTACKS.test / logins.size);
  const simulated = placeAttacks(logins, { seed: options.seed, share: testShare });
  const attacks = takeovers === undefined ? simulated : mergeAttacks(simulated, takeovers);
  const cases = runTrial(logins, attacks, contestants, new FeatureBook(logins), {
    ...{ validationRow, testRow, mostLegit: options.mostRows ?? MOST_ROWS },
    onProgress: (row, rows) => say('judging logins', row, rows),
  });
  const models: Evaluation['models'] = {};
  for (const [at, { name }] of named.entries()) {
    say('measuring', at, named.length);
    models[name] = summariseContestant(cases, name, {
      ...{ seed: options.seed, draws: options.draws, users: logins.users },
      ...{ deviceNames: logins.deviceNames, promised: { countersign: promisedScore } },
    });
  }
  return {
    split: { training: testRow, ...countCases(cases) },
    models,
    overFreeman: compare(models),
    variants: variants.map((variant) => recallOf(variant, cases)),
    model,
  };
}

function trainAll(
  logins: Logins,
  end: number,
  options: EvaluateOptions,
): { model: RiskModel; gathered: Gathered } {
  const { seed, made, data, onProgress } = options;
  const rows = toTrainingRows(logins, end);
  const share = Math.min(options.trainingShare ?? 1 / 3, MOST_ATTACKS.training / logins.size);
  // Other attacks than those of the test, and more: they cost the test nothing.
  const attacks = toTrainingAttacks(placeAttacks(logins, { seed: seed + 1, share }), end);
  const mostRows = options.mostRows ?? MOST_ROWS;
  const model = trainRiskModel(rows, {
    ...{ seed, made, data, attacks, mostRows, id: `trial-${seed}`, trees: options.trees ?? TREES },
    ...{ warmUpShare: SPLIT.warmUp, heldOutShare: SPLIT.heldOut },
    onProgress: (step, done, of) => onProgress?.(`training (${step})`, done, of),
  });
  const gathered = gatherRows(rows, attacks, {
    firstRow: Math.floor(end * SPLIT.warmUp),
    heldOutRow: Math.floor(end * (1 - SPLIT.heldOut)),
    mostRows,
    onProgress: (row) => onProgress?.('gathering features', row, end),
  });
  return { model, gathered };
}

function contestantsOf(
  logins: Logins,
  model: RiskModel,
  gathered: Gathered,
  { seed, shipped }: EvaluateOptions,
): Contestant[] {
  return [
    train.randomContestant(seed),
    train.freemanContestant(logins),
    train.isolationContestant(gathered, seed),
    train.logisticContestant(gathered),
    ...train.headContestants(model),
    countersignContestant('countersign', logins, model),
    ...(shipped === undefined ? [] : [countersignContestant('shipped', logins, shipped)]),
  ];
}

function compare(models: Evaluation['models']): Evaluation['overFreeman'] {
  const { freeman, countersign, targeted } = models;
  const over = (
    one: ByAttack<number> | undefined,
    other: ByAttack<number> | undefined,
    kinds: readonly (keyof ByAttack<number>)[] = ATTACKERS,
  ): ByAttack<number> =>
    Object.fromEntries(
      kinds.map((kind) => [kind, (one?.[kind] ?? Number.NaN) / (other?.[kind] ?? Number.NaN)]),
    );
  return {
    recallAtFpr1: over(countersign?.recallAtFpr1, freeman?.recallAtFpr1),
    reauthAtTpr99: over(countersign?.reauthAtTpr99, freeman?.reauthAtTpr99),
    targetedHeadRecallAtFpr1: over(targeted?.recallAtFpr1, freeman?.recallAtFpr1, ['targeted']),
  };
}

function recallOf(
  { what, without, contestant: { name } }: Variant,
  cases: Cases,
): Evaluation['variants'][number] {
  const scores = cases.scores[name]!;
  const rates = ratesOf(cases, scores, fromOddest(cases, scores));
  const recalls = ATTACKERS.map((attacker, at) => [attacker, rates[at + 1]!.recallAtFpr1]);
  return { what, without, recallAtFpr1: Object.fromEntries(recalls) };
}

function countCases({ size, kind, isValidation }: Cases): CaseCounts {
  const counts = new Uint32Array(1 + ATTACK_NAMES.length);
  let test = 0;
  for (let at = 0; at < size; at++) {
    if (isValidation[at] === 1) continue;
    test++;
    counts[kind[at]!]! += 1;
  }
  const legit = counts[LEGIT]!;
  const byAttack = Object.fromEntries(
    ATTACK_NAMES.flatMap((name, at) => (counts[at + 1]! > 0 ? [[name, counts[at + 1]!]] : [])),
  );
  return { validation: size - test, test, legit, attacks: test - legit, byAttack };
}

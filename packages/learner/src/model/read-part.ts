// One part of a model, from JSON. Each kind's own constructor checks its numbers; here stands which
// members it has.

import { Booster } from '../booster/booster.ts';
import { HalfSpaceTrees } from '../forest/half-space-trees.ts';
import { IsolationForest, type IsolationTree } from '../forest/isolation-forest.ts';
import { Logistic } from '../logistic/logistic.ts';
import type { Tree } from '../trees/tree.ts';
import type { ModelPart } from './model.ts';
import { MODEL_LIMITS } from './model-limits.ts';
import {
  isObject,
  malformed,
  readFields,
  readJson,
  readList,
  readNames,
  readNumber,
  readNumbers,
} from './read-fields.ts';

/** @throws CodedError `model_malformed` */
export function readPart(value: unknown, name: string): ModelPart {
  const read = isObject(value) ? READERS.get(value['kind']) : undefined;
  if (read === undefined) throw malformed(`The part ${name} is of no known kind.`);
  return read(value, name);
}

const READERS = new Map<unknown, (value: unknown, name: string) => ModelPart>([
  ['booster', readBooster],
  ['logistic', readLogistic],
  ['isolation-forest', readForest],
  ['half-space-trees', readHalfSpaceTrees],
  ['json', readJsonPart],
]);

function readBooster(value: unknown, name: string): Booster {
  const fields = readFields(value, ['kind', 'features', 'base', 'trees'], name);
  const trees = readList(fields.trees, `${name}.trees`).map((tree) => {
    const lists = readFields(tree, ['feature', 'threshold', 'missing', 'value', 'rows'], name);
    return eachList(lists, name) as unknown as Tree;
  });
  return new Booster(readNames(fields.features, name), readNumber(fields.base, name), trees);
}

function readForest(value: unknown, name: string): IsolationForest {
  const fields = readFields(value, ['kind', 'features', 'sample', 'trees'], name);
  const trees = readList(fields.trees, `${name}.trees`).map((tree) => {
    const lists = readFields(tree, ['feature', 'threshold', 'missing', 'rows'], name);
    return eachList(lists, name) as unknown as IsolationTree;
  });
  const sample = readNumber(fields.sample, name);
  return new IsolationForest(readNames(fields.features, name), sample, trees);
}

function readLogistic(value: unknown, name: string): Logistic {
  const members = ['kind', 'features', 'intercept', 'weights', 'means', 'scales'] as const;
  const fields = readFields(value, members, name);
  return new Logistic(readNames(fields.features, name), {
    intercept: readNumber(fields.intercept, name),
    weights: readNumbers(fields.weights, name),
    means: readNumbers(fields.means, name),
    scales: readNumbers(fields.scales, name),
  });
}

function readHalfSpaceTrees(value: unknown, name: string): HalfSpaceTrees {
  const { options, state } = readFields(value, ['kind', 'options', 'state'], name);
  const settings = ['features', 'low', 'high', 'trees', 'depth', 'window', 'seed'] as const;
  const read = readFields(options, settings, name);
  const learned = readFields(state, ['reference', 'latest', 'seen', 'windows'], name);
  return new HalfSpaceTrees(
    {
      features: readNames(read.features, name),
      low: readNumbers(read.low, name),
      high: readNumbers(read.high, name),
      trees: readNumber(read.trees, name),
      depth: readNumber(read.depth, name),
      window: readNumber(read.window, name),
      seed: readNumber(read.seed, name),
    },
    {
      reference: readNumbers(learned.reference, name),
      latest: readNumbers(learned.latest, name),
      seen: readNumber(learned.seen, name),
      windows: readNumber(learned.windows, name),
    },
  );
}

function readJsonPart(value: unknown, name: string): ModelPart {
  const fields = readFields(value, ['kind', 'value'], name);
  return { kind: 'json', value: readJson(fields.value, MODEL_LIMITS.jsonSize, name) };
}

function eachList(
  lists: Readonly<Record<string, unknown>>,
  name: string,
): Record<string, readonly number[]> {
  return Object.fromEntries(
    Object.entries(lists).map(([list, value]) => [list, readNumbers(value, `${name}.${list}`)]),
  );
}

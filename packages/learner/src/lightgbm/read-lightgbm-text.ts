// Reads a model that LightGBM (version 3 or 4) saved as text, so that a data scientist can bring one
// trained elsewhere. Binary classification by numeric splits only; everything else is refused by name
// rather than evaluated wrong. The rules are those of LightGBM's own evaluation (include/LightGBM/
// tree.h): left when the value is at most the threshold, and three ways of what is missing.

import { Booster } from '../booster/booster.ts';
import { MOST_COLUMNS } from '../matrix.ts';
import { MISSING, type MissingRule, MOST_LEAVES, type Tree, UNBOUNDED } from '../trees/tree.ts';
import {
  type Block,
  lightGbmMalformed,
  lightGbmUnsupported,
  readBlocks,
  readNumbersOf,
  readNumberText,
  readWholeText,
} from './read-blocks.ts';

const IS_CATEGORICAL = 1;
const DEFAULT_LEFT = 2;
const MISSING_SHIFT = 2;
const NAN_IS_ZERO = 0;
const ZERO_IS_MISSING = 1;
const NAN_IS_MISSING = 2;
/** A threshold that only asks whether a cell is known: written by every training with cells that are not. */
const NO_BOUND = new Map([['inf', UNBOUNDED]]);

/** @throws CodedError `lightgbm_malformed` `lightgbm_unsupported` `model_malformed` */
export function readLightGbmText(text: string): Booster {
  const { header, trees } = readBlocks(text);
  const version = header.get('version') ?? '';
  if (version !== 'v3' && version !== 'v4')
    throw lightGbmUnsupported('another version than 3 or 4');
  if (header.get('num_class') !== '1' || header.get('num_tree_per_iteration') !== '1')
    throw lightGbmUnsupported('more than one class');
  if (header.has('average_output')) throw lightGbmUnsupported('averaged trees (a random forest)');
  const steepness = readObjective(header.get('objective'));
  const features = (header.get('feature_names') ?? '').split(' ');
  const columns = readWholeText(header.get('max_feature_idx'), 'max_feature_idx') + 1;
  if (columns > MOST_COLUMNS) throw lightGbmUnsupported('too many columns');
  if (features.length !== columns || features.includes(''))
    throw lightGbmMalformed('it does not name each column');
  return new Booster(
    features,
    0,
    trees.map((block) => readTree(block, steepness)),
  );
}

/** By how much the sum of the leaves is multiplied before the sigmoid. */
function readObjective(objective: string | undefined): number {
  const [name, ...parameters] = (objective ?? '').split(' ');
  if (name === 'cross_entropy' || name === 'xentropy') return 1;
  if (name !== 'binary') throw lightGbmUnsupported('another objective than a binary one');
  const sigmoid = parameters.find((parameter) => parameter.startsWith('sigmoid:'));
  return readNumberText(sigmoid?.slice('sigmoid:'.length) ?? '1');
}

/** A tree with its children by index, as LightGBM writes it: leaf n is −n − 1. */
interface Linked {
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly missing: readonly MissingRule[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly value: readonly number[];
  readonly rows: readonly number[];
}

function readTree(block: Block, steepness: number): Tree {
  const leaves = readWholeText(block.get('num_leaves'), 'num_leaves');
  if (leaves < 1) throw lightGbmMalformed('a tree has no leaves');
  if (leaves > MOST_LEAVES) throw lightGbmUnsupported(`a tree of more than ${MOST_LEAVES} leaves`);
  if ((block.get('num_cat') ?? '0') !== '0') throw lightGbmUnsupported('categorical splits');
  if ((block.get('is_linear') ?? '0') !== '0') throw lightGbmUnsupported('linear trees');
  // What is left of shrinkage: the leaves have it in them already.
  const value = readNumbersOf(block, 'leaf_value', leaves).map((leaf) => leaf * steepness);
  const counted = block.has('leaf_count') && block.get('leaf_count') !== '';
  const rows = counted ? readNumbersOf(block, 'leaf_count', leaves) : value.map(() => 1);
  if (leaves === 1) return { ...{ feature: [-1], threshold: [], missing: [], value }, rows };
  const inner = leaves - 1;
  return inPreorder({
    feature: readNumbersOf(block, 'split_feature', inner),
    threshold: readNumbersOf(block, 'threshold', inner, NO_BOUND),
    missing: readNumbersOf(block, 'decision_type', inner).map(readMissing),
    left: readNumbersOf(block, 'left_child', inner),
    right: readNumbersOf(block, 'right_child', inner),
    ...{ value, rows },
  });
}

function readMissing(decision: number): MissingRule {
  if (!Number.isInteger(decision) || decision < 0 || decision > 15)
    throw lightGbmMalformed('a decision type is not known');
  if ((decision & IS_CATEGORICAL) !== 0) throw lightGbmUnsupported('categorical splits');
  const left = (decision & DEFAULT_LEFT) !== 0;
  const kind = decision >> MISSING_SHIFT;
  if (kind === NAN_IS_ZERO) return MISSING.isZero;
  if (kind === ZERO_IS_MISSING) return left ? MISSING.withZeroLeft : MISSING.withZeroRight;
  if (kind === NAN_IS_MISSING) return left ? MISSING.goesLeft : MISSING.goesRight;
  throw lightGbmMalformed('a decision type is not known');
}

/** Follows the links from the root; each node and leaf must be come to once, so there is no circle. */
function inPreorder(linked: Linked): Tree {
  const tree: Record<keyof Tree, number[]> = {
    ...{ feature: [], threshold: [], missing: [], value: [], rows: [] },
  };
  const seen = new Set<number>();
  const waiting = [0];
  while (waiting.length > 0) {
    const node = waiting.pop() as number;
    if (seen.has(node)) throw lightGbmMalformed('a tree comes to a node twice');
    seen.add(node);
    if (node < 0) {
      tree.feature.push(-1);
      tree.value.push(at(linked.value, -node - 1));
      tree.rows.push(at(linked.rows, -node - 1));
      continue;
    }
    tree.feature.push(at(linked.feature, node));
    tree.threshold.push(at(linked.threshold, node));
    tree.missing.push(at(linked.missing, node));
    waiting.push(at(linked.right, node), at(linked.left, node));
  }
  if (seen.size !== linked.value.length + linked.feature.length)
    throw lightGbmMalformed('a tree has nodes that nothing leads to');
  return tree as unknown as Tree;
}

function at(list: readonly number[], index: number): number {
  const value = list[index];
  if (value === undefined) throw lightGbmMalformed('a child is not there');
  return value;
}

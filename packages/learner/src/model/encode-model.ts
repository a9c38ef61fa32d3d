// A model as bytes: JSON, each tree in a line of its own, so that two models can be compared by eye
// and by the tools that compare text.

import { decodeModel } from './decode-model.ts';
import type { Model, ModelPart } from './model.ts';
import { MODEL_SCHEMA } from './model-limits.ts';
import { malformed, readJson } from './read-fields.ts';

/**
 * The same model always gives the same bytes.
 * @throws CodedError `model_malformed` `model_too_large` for what could not be read again
 */
export function encodeModel(model: Model): Uint8Array {
  const { id, made, seed, training, parts } = model;
  // Before JSON is made of it: what is nested too deep, or in a circle, would end the stack.
  readJson(training, Number.MAX_SAFE_INTEGER, 'The training summary');
  const head = JSON.stringify({ schema: MODEL_SCHEMA, id, made, seed, training });
  const lines = Object.entries(parts).map(
    ([name, part]) => `${JSON.stringify(name)}:${writePart(part)}`,
  );
  const text = `${head.slice(0, -1)},"parts":{\n${lines.join(',\n')}\n}}\n`;
  const bytes = new TextEncoder().encode(text);
  decodeModel(bytes);
  return bytes;
}

function writePart(part: ModelPart): string {
  switch (part.kind) {
    case 'booster': {
      const { kind, features, base, trees } = part;
      return withTrees({ kind, features, base }, trees);
    }
    case 'isolation-forest': {
      const { kind, features, sample, trees } = part;
      const kept = trees.map(({ feature, threshold, missing, rows }) => ({
        ...{ feature, threshold, missing, rows },
      }));
      return withTrees({ kind, features, sample }, kept);
    }
    case 'logistic': {
      const { intercept, weights, means, scales } = part.numbers;
      const { kind, features } = part;
      return JSON.stringify({ kind, features, intercept, weights, means, scales });
    }
    case 'half-space-trees': {
      const { features, low, high, trees, depth, window, seed } = part.options;
      const options = { features, low, high, trees, depth, window, seed };
      return JSON.stringify({ kind: part.kind, options, state: part.state });
    }
    case 'json':
      readJson(part.value, Number.MAX_SAFE_INTEGER, 'A part');
      return JSON.stringify({ kind: part.kind, value: part.value });
    default:
      throw malformed('A part is of no known kind.');
  }
}

function withTrees(head: object, trees: readonly object[]): string {
  const lines = trees.map((tree) => JSON.stringify(tree)).join(',\n');
  return `${JSON.stringify(head).slice(0, -1)},"trees":[\n${lines}\n]}`;
}

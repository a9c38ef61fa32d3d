// Every file of tests/vectors/tokens, by name and content, as the generator writes it and the test
// expects to find it.

import { buildWorld } from './build-world.ts';
import { claimForgeries } from './forge-claims.ts';
import { contextForgeries } from './forge-contexts.ts';
import { encodingForgeries } from './forge-encodings.ts';
import { keyForgeries } from './forge-keys.ts';
import { receiptForgeries } from './forge-receipts.ts';
import { genuineVectors } from './genuine.ts';
import type { Vector } from './vector.ts';

export const POLICY_FILE = '_policy.json';

function allVectors(): Vector[] {
  return [
    ...genuineVectors(),
    ...keyForgeries(),
    ...encodingForgeries(),
    ...receiptForgeries(),
    ...claimForgeries(),
    ...contextForgeries(),
  ];
}

export function allFiles(): Map<string, string> {
  const files = new Map([[POLICY_FILE, format(buildWorld())]]);
  for (const vector of allVectors()) {
    const name = `${vector.name}.json`;
    if (files.has(name)) throw new Error(`two vectors are named ${vector.name}`);
    files.set(name, format(vector));
  }
  return files;
}

function format(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

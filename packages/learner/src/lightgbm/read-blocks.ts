// The text of a LightGBM model as blocks of names and values: a header, then one block a tree, each
// begun by "Tree=" and ended by an empty line. What follows "end of trees" is for people.

import { learnerRefusal } from '../learner-error.ts';

export type Block = ReadonlyMap<string, string>;

/** Characters a file may have. */
const LONGEST = 64 << 20;

export function lightGbmMalformed(detail: string): Error {
  return learnerRefusal('lightgbm_malformed', `This is not a model of LightGBM: ${detail}.`);
}

export function lightGbmUnsupported(what: string): Error {
  return learnerRefusal(
    'lightgbm_unsupported',
    `This model of LightGBM has ${what}, which is not read here.`,
  );
}

/** @throws CodedError `lightgbm_malformed` */
export function readBlocks(text: string): { header: Block; trees: Block[] } {
  if (text.length > LONGEST) throw lightGbmMalformed('it is too long');
  const lines = text.split('\n').map((line) => line.trimEnd());
  if (lines[0] !== 'tree') throw lightGbmMalformed('it does not begin with "tree"');
  const end = lines.indexOf('end of trees');
  if (end < 0) throw lightGbmMalformed('it is cut off before the end of its trees');
  const header = new Map<string, string>();
  const trees: Map<string, string>[] = [];
  let block = header;
  for (const line of lines.slice(1, end)) {
    if (line === '') continue;
    // Some members are a name alone, like average_output.
    const [, name = line, value = ''] = /^([^=]*)=(.*)$/.exec(line) ?? [];
    if (name === 'Tree') {
      if (value !== String(trees.length)) throw lightGbmMalformed('a tree is missing');
      block = new Map();
      trees.push(block);
      continue;
    }
    if (block.has(name)) throw lightGbmMalformed(`${name.slice(0, 40)} stands there twice`);
    block.set(name, value);
  }
  return { header, trees };
}

/** Numbers in a line, as C++ prints them. @param words what is no number and stands for one */
export function readNumbersOf(
  block: Block,
  name: string,
  length: number,
  words: ReadonlyMap<string, number> = new Map(),
): number[] {
  const value = block.get(name);
  if (value === undefined) throw lightGbmMalformed(`a tree has no ${name}`);
  const numbers =
    value === '' ? [] : value.split(' ').map((text) => words.get(text) ?? readNumberText(text));
  if (numbers.length !== length) throw lightGbmMalformed(`${name} does not have ${length} numbers`);
  return numbers;
}

export function readNumberText(text: string): number {
  if (!/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text))
    throw lightGbmMalformed('a number is none');
  const value = Number(text);
  if (!Number.isFinite(value)) throw lightGbmMalformed('a number is too large');
  return value;
}

export function readWholeText(text: string | undefined, what: string): number {
  if (text === undefined || !/^\d{1,9}$/.test(text))
    throw lightGbmMalformed(`${what} is not a whole number`);
  return Number(text);
}

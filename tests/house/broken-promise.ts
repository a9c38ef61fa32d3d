// A document that says which test shows what is a promise per line: the file is there and has a test
// of that name.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const ROW = /^\| (.+?) \| `([^`]+)` \| (.+) \|$/;
/** `test('title', …` or `it(...)`, the title on the same line or the next. */
const TITLE = /\b(?:it|test)\(\s*(['"`])(.*?)\1,/g;

export function isPromise(line: string): boolean {
  return ROW.test(line);
}

/** What a line of a table promises and the tree does not hold. */
export function brokenPromise(line: string): string | undefined {
  const [, item, path = '', name = ''] = ROW.exec(line) ?? [];
  if (item === undefined) return undefined;
  if (!existsSync(join(ROOT, path))) return `${item}: there is no ${path}`;
  const text = readFileSync(join(ROOT, path), 'utf8');
  const titles = [...text.matchAll(TITLE)].map(([, , title]) => title);
  return titles.some((title) => title?.includes(name)) ? undefined : `${item}: no test "${name}"`;
}

// docs/log-cases.md is a promise per line: the file is there and has a test of that name.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const ROW = /^\| (.+?) \| `([^`]+)` \| (.+) \|$/;

/** What a line of the table promises and the tree does not hold. */
function brokenPromise(line: string): string | undefined {
  const [, item, path = '', name = ''] = ROW.exec(line) ?? [];
  if (item === undefined) return undefined;
  if (!existsSync(join(ROOT, path))) return `${item}: there is no ${path}`;
  const text = readFileSync(join(ROOT, path), 'utf8');
  const titles = [...text.matchAll(/\b(?:it|test)\(\s*(['"`])(.*?)\1,/g)].map(
    ([, , title]) => title,
  );
  return titles.some((title) => title?.includes(name)) ? undefined : `${item}: no test "${name}"`;
}

test('every case of the log that the table names has its test', () => {
  const lines = readFileSync(join(ROOT, 'docs/log-cases.md'), 'utf8').split('\n');
  assert.ok(lines.filter((line) => ROW.test(line)).length > 60);
  assert.deepEqual(lines.map(brokenPromise).filter(Boolean), []);
});

test('a promise that is not kept is noticed', () => {
  const path = 'tests/log-cases.test.ts';
  assert.ok(brokenPromise(`| a case | \`${path}\` | a test that nobody wrote, ever |`));
  assert.ok(brokenPromise('| a case | `tests/gone.test.ts` | a name |'));
  assert.equal(
    brokenPromise(`| a case | \`${path}\` | a promise that is not kept is noticed |`),
    undefined,
  );
});

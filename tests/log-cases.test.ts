// docs/log-cases.md is a promise per line: the file is there and has a test of that name.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brokenPromise, isPromise } from './house/broken-promise.ts';

const PAGE = join(import.meta.dirname, '../docs/log-cases.md');

test('every case of the log that the table names has its test', () => {
  const lines = readFileSync(PAGE, 'utf8').split('\n');
  assert.ok(lines.filter(isPromise).length > 60);
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

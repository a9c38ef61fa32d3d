// docs/key-cases.md is a promise per line, as docs/log-cases.md is; each control has one at least, and
// what no test shows is said in so many words.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brokenPromise, isPromise } from './house/broken-promise.ts';

const PAGE = join(import.meta.dirname, '../docs/key-cases.md');
const CONTROLS = [...Array.from({ length: 14 }, (_, at) => at + 1), 59];

const lines = readFileSync(PAGE, 'utf8').split('\n');
const rows = lines.filter((line) => /^\| (?!-|case )/.test(line));

test('every case of keys that the tables name has its test', () => {
  assert.ok(lines.filter(isPromise).length > 90);
  assert.deepEqual(lines.map(brokenPromise).filter(Boolean), []);
});

test('what has no test says so, and why', () => {
  for (const row of rows)
    assert.ok(isPromise(row) || /^\| .+ \| none \| .{20,} \|$/.test(row), row);
});

test('no control is left out', () => {
  for (const number of CONTROLS) {
    const control = `C-${String(number).padStart(2, '0')}`;
    assert.ok(
      rows.some((row) => isPromise(row) && row.startsWith(`| ${control} `)),
      control,
    );
  }
});

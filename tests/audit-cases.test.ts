// docs/audit-cases.md is a promise per line, as docs/key-cases.md is; what no test shows is said in so
// many words.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brokenPromise, isPromise } from './house/broken-promise.ts';

const PAGE = join(import.meta.dirname, '../docs/audit-cases.md');

const lines = readFileSync(PAGE, 'utf8').split('\n');
const rows = lines.filter((line) => /^\| (?!-|case )/.test(line));

test('every case of the audit trail that the tables name has its test', () => {
  assert.deepEqual(lines.map(brokenPromise).filter(Boolean), []);
});

test('what has no test says so, and why', () => {
  for (const row of rows)
    assert.ok(isPromise(row) || /^\| .+ \| none \| .{20,} \|$/.test(row), row);
});

test('no control is left out', () => {
  for (let number = 33; number <= 48; number += 1) {
    assert.ok(
      rows.some((row) => row.startsWith(`| C-${number} `)),
      `C-${number}`,
    );
  }
});

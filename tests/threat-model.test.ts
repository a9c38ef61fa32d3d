// Every threat has a control and a test that exists, or says that it has none (control C-58).

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const root = join(import.meta.dirname, '..');
const rows = readFileSync(join(root, 'docs/threat-model.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| T-'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const PATH = /`((?:packages|apps|tests|scenarios)[A-Za-z0-9/._-]*)`/g;

describe('the threat model', () => {
  it('numbers its threats without gap or repetition', () => {
    const numbers = rows.map(([id = '']) => id);
    const expected = rows.map((_, at) => `T-${String(at + 1).padStart(2, '0')}`);
    assert.ok(rows.length >= 30);
    assert.deepEqual(numbers, expected);
  });

  it('names a control for each, and a test that exists or the word none', () => {
    for (const [id, , control = '', test = ''] of rows) {
      assert.notEqual(control, '', `${id} has no control`);
      const paths = [...test.matchAll(PATH)].map(([, path = '']) => path);
      const said = /^none\b|mutation test/.test(test);
      assert.ok(paths.length > 0 || said, `${id} names no test and does not say so`);
      for (const path of paths)
        assert.ok(existsSync(join(root, path)), `${id}: ${path} does not exist`);
    }
  });
});

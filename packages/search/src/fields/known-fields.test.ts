import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FIELDS, findField } from './known-fields.ts';

test('the page for readers names every field, what else it answers for, and its words', () => {
  const page = readFileSync(new URL('../../../../docs/audit.md', import.meta.url), 'utf8');
  for (const { name, paths, says, words = {} } of FIELDS) {
    const rows = page.split('\n').filter((line) => line.startsWith(`| \`${name}\` | `));
    const parts = [...paths.filter((path) => path !== name), says, ...Object.keys(words)];
    assert.ok(
      rows.some((row) => parts.every((part) => row.includes(part))),
      name,
    );
  }
});

test('no two fields have the same name or path', () => {
  for (const field of FIELDS)
    for (const name of [field.name, ...field.paths]) assert.equal(findField(name), field, name);
});

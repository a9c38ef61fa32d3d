// The committed types of OCSF classes are what the tool makes of the schema: nobody edits them by hand, and
// a new version of the schema is a diff that can be read.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { renderTypes } from '../tools/ocsf-types/render-types.ts';
import { readSchema, TYPE_FILES } from '../tools/ocsf-types.ts';

const schema = readSchema();
const absent = schema === undefined && process.env['CI'] !== 'true';

/** The formatter breaks lines and adds commas; neither is content. */
const content = (text: string) => text.replaceAll(/[\s;,]+|\|(?=\s)/g, '');

test('the types of OCSF are what the schema says', { skip: absent && 'no ../shared/data' }, () => {
  const made = renderTypes(schema ?? assert.fail('CI needs ../shared/data/ocsf'));
  for (const part of ['classes', 'objects', 'findings'] as const) {
    const committed = readFileSync(TYPE_FILES[part], 'utf8');
    assert.ok(content(committed) === content(made[part]), 'run: node tools/ocsf-types.ts');
  }
});

test('the types name their licence', () => {
  for (const file of Object.values(TYPE_FILES)) {
    assert.match(
      readFileSync(file, 'utf8'),
      /OCSF a Series of LF Projects.*\n.*Apache License 2\.0/,
    );
  }
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ALL_SOURCES } from './all-sources.ts';
import { renderSourcePage, SOURCE_PAGE } from './render-source-page.ts';

const page = readFileSync(SOURCE_PAGE, 'utf8');

test('docs/sources.md holds the map of every source, as the source declares it', () => {
  for (const { name, title, fields } of ALL_SOURCES) {
    assert.ok(page.includes(`<!-- fields: ${name} -->`), `${title} has no table`);
    assert.ok(fields.length > 10, `${title} documents ${fields.length} fields`);
  }
  assert.ok(
    page === renderSourcePage(page),
    'run: node packages/sources/src/render-source-page.ts',
  );
});

test('each source says what is read, what is not, and where it ends', () => {
  for (const { title } of ALL_SOURCES) {
    const section = page.slice(page.indexOf(`\n## ${title}\n`));
    assert.ok(page.includes(`\n## ${title}\n`), `there is no section "${title}"`);
    for (const word of ['**Read:**', '**Not read:**', '**Limits:**']) {
      assert.ok(
        section.slice(0, section.indexOf('<!-- fields')).includes(word),
        `${title}: ${word}`,
      );
    }
  }
});

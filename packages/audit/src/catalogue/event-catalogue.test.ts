import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { eventClasses } from '../ocsf/event-classes.ts';
import { mapEvent } from '../ocsf/map-event.ts';
import { eventCatalogue } from './event-catalogue.ts';
import { CATALOGUE_FILE, EXTENSION_MEMBERS, renderCatalogue } from './render-catalogue.ts';

const stamp = { uid: 'u', loggedMs: 1, product: { name: 'countersign', version: '0' } };

test('EVENTS.md is what the catalogue prints', () => {
  // The formatter pads tables and folds short lists; neither is content.
  const content = (page: string) => page.replaceAll(/[\s-]+/g, '');
  assert.ok(
    content(readFileSync(CATALOGUE_FILE, 'utf8')) === content(renderCatalogue()),
    'run: node packages/audit/src/catalogue/render-catalogue.ts',
  );
});

test('EVENTS.md has a row and an example for every event name', () => {
  const page = readFileSync(CATALOGUE_FILE, 'utf8');
  for (const name of Object.keys(eventClasses)) {
    assert.match(page, new RegExp(`\\| \`${name}\` +\\|`));
    assert.ok(page.includes(`### ${name}\n`), name);
  }
});

test('each example is of the event it stands under', () => {
  for (const [name, { example }] of Object.entries(eventCatalogue)) {
    assert.equal(example.name, name);
  }
});

test('every member the extension can have is described', () => {
  const described = new Set(EXTENSION_MEMBERS.map(([name]) => name));
  for (const { example } of Object.values(eventCatalogue)) {
    const { json } = mapEvent(example, stamp, { ledgerMatch: true });
    for (const member of Object.keys(JSON.parse(json).unmapped.countersign)) {
      assert.ok(described.has(member), member);
    }
  }
});

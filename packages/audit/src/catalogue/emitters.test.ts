import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EventName } from '@countersign/vocabulary';
import { eventClasses } from '../ocsf/event-classes.ts';
import { emitters } from './emitters.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const SOURCES: Readonly<Record<string, string>> = {
  audit: 'packages/audit/src',
  archive: 'packages/archive/src',
  directory: 'packages/directory/src',
  provider: 'packages/provider/src',
  server: 'apps/server/src',
};
/** Settled as `key.${event}`, with the log's answer. */
const BUILT = new Set(['key.published', 'key.activated', 'key.retired', 'key.revoked']);
/** Names are listed and mapped there, not said. */
const LISTS = /\/(?:catalogue|ocsf|testing|simulation|imports)\/|\.test\.ts$/;

function textOf(room: string): string {
  const folder = join(ROOT, SOURCES[room] ?? assert.fail(room));
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !LISTS.test(`/${name}`))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

const texts = new Map(Object.keys(SOURCES).map((room) => [room, textOf(room)]));
// The record of an import says its own name, in a folder that otherwise lists those of others.
const imports = readFileSync(join(ROOT, 'packages/audit/src/imports/record-imported.ts'), 'utf8');
const saysIn = (room: string, name: string): boolean =>
  (texts.get(room) ?? '').includes(`'${name}'`) ||
  (room === 'audit' && imports.includes(`'${name}'`));

test('every event has somebody who says it, or says with what it comes', () => {
  assert.deepEqual(Object.keys(emitters).sort(), Object.keys(eventClasses).sort());
});

for (const [name, emitter] of Object.entries(emitters) as [EventName, unknown][]) {
  if (typeof emitter === 'string' && !BUILT.has(name)) {
    test(`${name} is said by ${emitter}`, () => {
      assert.ok(saysIn(emitter, name), `packages or apps/${emitter} does not say '${name}'`);
    });
  }
}

test('what nobody says yet is said by nobody', () => {
  for (const [name, emitter] of Object.entries(emitters)) {
    if (typeof emitter === 'string') continue;
    // Such tokens are told from others by name, before there are any.
    if (name === 'token.exchanged') continue;
    const rooms = Object.keys(SOURCES).filter((room) => saysIn(room, name));
    assert.deepEqual(rooms, [], `${name} is said now: put the room into emitters.ts`);
  }
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { LogNotes } from './note-logs.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-notes-'));
after(() => rmSync(folder, { recursive: true }));

const keys = (origin: string) => ({
  ...{ origin, receiptKey: `${origin}+r`, checkpointKey: `${origin}+c`, feedKey: `${origin}+f` },
});

describe('the notes about our logs', () => {
  it('are there at the next start, for nobody else to read', () => {
    const notes = new LogNotes(folder);
    assert.equal(notes.keysOf('first'), undefined);
    notes.note('first', keys('a/log'));
    notes.note('tls://b:1', keys('b/log'));
    notes.note('first', keys('a/log'));
    const later = new LogNotes(folder);
    assert.deepEqual(later.keysOf('first'), keys('a/log'));
    assert.deepEqual(later.keysOf('tls://b:1'), keys('b/log'));
    assert.equal(statSync(join(folder, 'logs.json')).mode & 0o077, 0);
  });

  it('refuse a log that comes back with another name or another key', () => {
    const notes = new LogNotes(folder);
    for (const changed of [
      keys('c/log'),
      ...(['receiptKey', 'checkpointKey', 'feedKey'] as const).map((name) => ({
        ...keys('a/log'),
        [name]: 'other',
      })),
    ]) {
      assert.throws(() => notes.note('first', changed), { code: 'log_changed' });
    }
    assert.deepEqual(new LogNotes(folder).keysOf('first'), keys('a/log'));
  });

  it('take no keys down that they could not read again', () => {
    const notes = new LogNotes(folder);
    for (const feedKey of ['', 'x'.repeat(513), 7, undefined]) {
      const said = { ...keys('d/log'), feedKey: feedKey as string };
      assert.throws(() => notes.note('tls://d:1', said), { code: 'log_changed' });
    }
    assert.deepEqual(new LogNotes(folder).keysOf('first'), keys('a/log'));
    assert.equal(notes.keysOf('tls://d:1'), undefined);
  });

  it('that are damaged stop the start', () => {
    for (const text of ['', '{', '{"first":{}}', '[]']) {
      writeFileSync(join(folder, 'logs.json'), text);
      assert.throws(() => new LogNotes(folder), { code: 'log_changed' }, text);
    }
  });
});

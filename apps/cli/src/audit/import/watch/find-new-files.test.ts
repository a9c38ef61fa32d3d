import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FolderWatch } from './find-new-files.ts';

const NOW = Date.UTC(2026, 10, 2, 12);
let root: string;
let known: Set<string>;
let watch: FolderWatch;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-watch-'));
  known = new Set();
  watch = new FolderWatch(root, 5000);
});
afterEach(() => rmSync(root, { recursive: true }));

function put(name: string, text: string, writtenMs: number = NOW - 60_000): void {
  const path = join(root, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  utimesSync(path, writtenMs / 1000, writtenMs / 1000);
}

/** One look; what is ready counts as read from then on. */
function look(nowMs: number = NOW): string[] {
  const { ready } = watch.look(nowMs, (identity) => known.has(identity));
  for (const { identity } of ready) known.add(identity);
  return ready.map(({ name }) => name);
}

describe('files that come into a folder', () => {
  it('are ready at the second look that sees them alike, and once only', () => {
    put('b.json', '{}');
    put('2026/11/02/a.json.gz', '{}');
    assert.deepEqual(look(), []);
    assert.deepEqual(look(), ['2026/11/02/a.json.gz', 'b.json']);
    assert.deepEqual(look(), []);
  });

  it('are not ready while they are written to', () => {
    put('a.ndjson', '{}\n', NOW - 1000);
    look();
    assert.deepEqual(look(), [], 'written to a second ago');
    appendFileSync(join(root, 'a.ndjson'), '{}\n');
    utimesSync(join(root, 'a.ndjson'), NOW / 1000, NOW / 1000);
    assert.deepEqual(look(NOW + 6000), [], 'not as at the last look');
    assert.deepEqual(look(NOW + 7000), ['a.ndjson']);
  });

  it('are the same under another name', () => {
    put('a.json', '{}');
    look();
    assert.deepEqual(look(), ['a.json']);
    renameSync(join(root, 'a.json'), join(root, 'moved.json'));
    assert.deepEqual([look(), look()], [[], []]);
  });

  it('are read again when they grew', () => {
    put('a.ndjson', '{}\n');
    look();
    look();
    put('a.ndjson', '{}\n{}\n', NOW - 30_000);
    assert.deepEqual([look(), look()], [[], ['a.ndjson']]);
  });

  it('are left alone under a name for what is not finished, until it is renamed', () => {
    for (const name of ['.hidden', 'a.json.part', 'a.json.tmp', 'a.json~', '~a', 'x.crdownload']) {
      put(name, '{}');
    }
    put('empty.json', '');
    look();
    assert.deepEqual(look(), []);
    renameSync(join(root, 'a.json.part'), join(root, 'a.json'));
    assert.deepEqual([look(), look()], [[], ['a.json']]);
  });

  it('of the future are ready all the same: a clock may have been set back', () => {
    put('a.json', '{}', NOW + 3_600_000);
    assert.deepEqual([look(), look()], [[], ['a.json']]);
  });

  it('behind links are not followed', () => {
    put('a.json', '{}');
    symlinkSync(root, join(root, 'loop'));
    symlinkSync(join(root, 'a.json'), join(root, 'b.json'));
    look();
    assert.deepEqual(look(), ['a.json']);
  });
});

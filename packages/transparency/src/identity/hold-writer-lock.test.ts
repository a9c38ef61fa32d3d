import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { holdWriterLock, inheritedLock, LOCK_FILE } from './hold-writer-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-lock-'));
after(() => rmSync(folder, { recursive: true }));

describe('the lock of a log', () => {
  it('is held by one at a time, and can be had again when it was let go', () => {
    const lock = holdWriterLock(folder, 0);
    assert.throws(() => holdWriterLock(folder, 0), { code: 'log_locked', retryAfterSeconds: 1 });
    lock.release();
    holdWriterLock(folder, 0).release();
  });

  it('may be handed down as a descriptor of its file, and of no other', () => {
    holdWriterLock(folder, 0).release();
    const lock = openSync(join(folder, LOCK_FILE), 'a');
    assert.ok(inheritedLock(folder, lock));
    assert.equal(inheritedLock(tmpdir(), lock), undefined, 'another folder has another lock');
    closeSync(lock);
    assert.equal(inheritedLock(folder, lock), undefined, 'a closed descriptor holds nothing');
    const other = openSync(join(folder, 'other'), 'a');
    assert.equal(inheritedLock(folder, other), undefined);
    closeSync(other);
  });
});

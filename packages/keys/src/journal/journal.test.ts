import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { writeFully } from '../disk/write-fully.ts';
import { Journal, type NewSignature } from './journal.ts';
import { RECORD_BYTES } from './record.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const kids = ['a', 'b', 'c'].map((letter) => Buffer.alloc(32, letter).toString('base64url'));
const signature = (key = 0, mark = 1): NewSignature => ({
  kid: kids[key] as string,
  alg: 'ES256',
  timeMs: 1_800_000_000_000 + mark,
  inputHash: new Uint8Array(32).fill(mark),
});
const many = (count: number, key = 0): NewSignature[] =>
  Array.from({ length: count }, (_, index) => signature(key, index % 251));
const onlySegment = (): string => {
  const [name, ...rest] = readdirSync(folder).filter((file) => file.endsWith('.journal'));
  assert.equal(rest.length, 0);
  return join(folder, name as string);
};
const HEAD_BYTES = RECORD_BYTES;
const flip = (path: string, offset: number): void => {
  const bytes = readFileSync(path);
  bytes[offset] = (bytes[offset] as number) ^ 0x10;
  writeFileSync(path, bytes);
};
const failing = (code: string) => () => {
  throw Object.assign(new Error(code), { code });
};

describe('the journal', () => {
  it('numbers signatures without gaps, over all keys and for each key, across restarts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 9 }), {
          maxLength: 12,
        }),
        fc.integer({ min: 9, max: 12 }),
        (groups, recordsPerSegment) => {
          const path = mkdtempSync(join(folder, 'run-'));
          const counts = [0, 0, 0];
          let total = 0;
          for (const group of groups) {
            const journal = new Journal({ folder: path, recordsPerSegment });
            const places = journal.append(group.map((key) => signature(key)));
            const expected = group.map((key) => {
              total += 1;
              counts[key] = (counts[key] as number) + 1;
              return { number: total, keyNumber: counts[key] };
            });
            assert.deepEqual(places, expected);
            journal.close();
          }
          const reopened = new Journal({ folder: path, recordsPerSegment });
          assert.equal(reopened.lastNumber, total);
          const { entries } = reopened.read(1, 1000);
          assert.deepEqual(
            entries.map(({ kid }) => kids.indexOf(kid)),
            groups.flat(),
          );
          assert.deepEqual(
            entries.map(({ number }) => number),
            entries.map((_, index) => index + 1),
          );
          reopened.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('reads any range by number, over segment borders, and never past the end', () => {
    const journal = new Journal({ folder, recordsPerSegment: 10 });
    for (let turn = 0; turn < 33; turn += 1) journal.append([signature(0, turn), signature(1)]);
    assert.ok(readdirSync(folder).length > 5);
    assert.deepEqual(
      journal.read(19, 4).entries.map(({ number, keyNumber }) => [number, keyNumber]),
      [
        [19, 10],
        [20, 10],
        [21, 11],
        [22, 11],
      ],
    );
    assert.equal(journal.read(66, 5).entries.length, 1);
    for (const from of [67, 1e9]) {
      assert.deepEqual(journal.read(from, 5), { entries: [], lastNumber: 66 });
    }
    assert.equal(journal.read(-5, 2).entries[0]?.number, 1);
    assert.deepEqual(journal.read(1, -1).entries, []);
    assert.equal(
      journal.read(5, 1).entries[0]?.signingInputHash,
      Buffer.alloc(32, 2).toString('hex'),
    );
    journal.close();
  });

  it('gives one reader at most a thousand entries at a time', () => {
    const journal = new Journal({ folder });
    journal.append(many(1500));
    assert.equal(journal.read(1, 5000).entries.length, 1000);
    assert.equal(journal.read(1001, 5000).entries.length, 500);
    journal.close();
  });

  it('cuts a group that was being written when the machine stopped, and only that', () => {
    const first = new Journal({ folder });
    first.append(many(7));
    first.append(many(60, 1));
    first.close();
    const path = onlySegment();
    const whole = readFileSync(path);
    const sectorBytes = 512;
    const groupStart = HEAD_BYTES + 7 * RECORD_BYTES;
    const groupEnd = groupStart + 60 * RECORD_BYTES;
    fc.assert(
      // Any subset of the sectors of the last group may be missing.
      fc.property(fc.array(fc.boolean(), { minLength: 13, maxLength: 13 }), (kept) => {
        const bytes = Buffer.from(whole);
        for (let offset = groupStart; offset < groupEnd; offset += 1) {
          if (!kept[Math.floor((offset - groupStart) / sectorBytes)]) bytes[offset] = 0;
        }
        for (const name of readdirSync(folder)) rmSync(join(folder, name));
        writeFileSync(path, bytes);
        const journal = new Journal({ folder });
        assert.ok(journal.lastNumber >= 7 && journal.lastNumber <= 67);
        assert.equal(journal.cutAtOpen, !bytes.equals(whole) && kept.some(Boolean));
        const next = journal.append([signature(2)]);
        assert.deepEqual(next, [{ number: journal.lastNumber, keyNumber: 1 }]);
        journal.close();
        const reopened = new Journal({ folder });
        assert.equal(reopened.cutAtOpen, false);
        assert.equal(reopened.lastNumber, next[0]?.number);
        assert.equal(reopened.read(1, 1000).entries.length, reopened.lastNumber);
        reopened.close();
      }),
      { numRuns: 60 },
    );
  });

  it('counts nothing that an older signer writes after a newer one has read the journal', () => {
    const older = new Journal({ folder, epoch: 1 });
    older.append(many(3));
    const newer = new Journal({ folder, epoch: 2 });
    older.append(many(5, 1)); // journalled, but never released: see the next test
    assert.deepEqual(newer.append([signature(2)]), [{ number: 4, keyNumber: 1 }]);
    older.append(many(5, 1));
    newer.append([signature(2)]);
    for (const journal of [older, newer]) journal.close();
    const next = new Journal({ folder, epoch: 3 });
    assert.equal(next.lastNumber, 5);
    assert.deepEqual(
      next.read(1, 10).entries.map(({ kid }) => kids.indexOf(kid)),
      [0, 0, 0, 2, 2],
    );
    next.close();
  });

  it('keeps apart two signers whose segments start at the same number', () => {
    const start = new Journal({ folder, epoch: 1 });
    const older = new Journal({ folder, epoch: 2 });
    const newer = new Journal({ folder, epoch: 3 });
    newer.append([signature(2)]);
    older.append(many(2, 1));
    for (const journal of [start, older, newer]) journal.close();
    const next = new Journal({ folder });
    assert.deepEqual(
      next.read(1, 10).entries.map(({ kid }) => kids.indexOf(kid)),
      [2],
    );
    next.close();
  });

  it('releases nothing, ever again, once another signer holds the folder', () => {
    let holds = true;
    const journal = new Journal({ folder, holdsFolder: () => holds });
    journal.append(many(1));
    holds = false;
    assert.throws(() => journal.append(many(1)), { code: 'folder_locked' });
    holds = true;
    assert.throws(() => journal.append(many(1)), { code: 'folder_locked' });
    assert.equal(journal.lastNumber, 1);
    journal.close();
  });

  it('does not start anew where it must exist', () => {
    assert.throws(() => new Journal({ folder, mustExist: true }), { code: 'journal_corrupt' });
    assert.deepEqual(readdirSync(folder), []);
    new Journal({ folder }).close();
    new Journal({ folder, mustExist: true }).close();
  });

  it('cuts a file that ends inside a record', () => {
    const journal = new Journal({ folder });
    journal.append(many(3));
    journal.close();
    const path = onlySegment();
    writeFileSync(path, readFileSync(path).subarray(0, HEAD_BYTES + 2 * RECORD_BYTES + 50));
    const reopened = new Journal({ folder });
    assert.equal(reopened.lastNumber, 2);
    assert.equal(reopened.cutAtOpen, true);
    reopened.close();
  });

  it('does not open when anything before the last group is damaged', () => {
    const journal = new Journal({ folder });
    journal.append(many(5));
    journal.append(many(5, 1));
    journal.append(many(1, 2));
    journal.close();
    const path = onlySegment();
    fc.assert(
      // From the first byte of the head to the last byte of the last but one group.
      fc.property(fc.integer({ min: 0, max: HEAD_BYTES + 10 * RECORD_BYTES - 1 }), (offset) => {
        if (offset >= 28 && offset < HEAD_BYTES) return; // zeros that fill up the head
        flip(path, offset);
        assert.throws(() => new Journal({ folder }), { code: 'journal_corrupt' });
        flip(path, offset);
      }),
    );
    new Journal({ folder }).close();
  });

  it('does not open when a segment is missing, foreign or short', () => {
    const journal = new Journal({ folder, recordsPerSegment: 10 });
    for (let turn = 0; turn < 20; turn += 1) journal.append(many(5));
    journal.close();
    const paths = readdirSync(folder).map((name) => join(folder, name));
    assert.equal(paths.length, 10);
    for (const path of paths.slice(0, -1)) {
      const bytes = readFileSync(path);
      rmSync(path);
      assert.throws(() => new Journal({ folder }), { code: 'journal_corrupt' }, path);
      writeFileSync(path, bytes.subarray(0, HEAD_BYTES + 9 * RECORD_BYTES));
      assert.throws(() => new Journal({ folder }), { code: 'journal_corrupt' }, path);
      writeFileSync(path, readFileSync(paths[9] as string));
      assert.throws(() => new Journal({ folder }), { code: 'journal_corrupt' }, path);
      writeFileSync(path, bytes);
    }
    new Journal({ folder, recordsPerSegment: 10 }).close();
  });

  it('does not hand out an entry that was damaged while it was open', () => {
    const journal = new Journal({ folder });
    journal.append(many(3));
    flip(onlySegment(), HEAD_BYTES + RECORD_BYTES + 60);
    assert.equal(journal.read(1, 1).entries.length, 1);
    assert.throws(() => journal.read(1, 2), { code: 'journal_corrupt' });
    journal.close();
  });

  it('refuses while the disk is full, numbers nothing, and goes on when there is room', () => {
    let full = false;
    const journal = new Journal({
      folder,
      recordsPerSegment: 3000,
      write: (fd, bytes, position) => {
        if (full) {
          writeFully(fd, bytes.subarray(0, bytes.length / 2), position);
          failing('ENOSPC')();
        }
        writeFully(fd, bytes, position);
      },
    });
    journal.append(many(4));
    for (const group of [10, 2999]) {
      full = true;
      assert.throws(() => journal.append(many(group)), {
        code: 'journal_full',
        retryAfterSeconds: 5,
      });
      assert.equal(journal.lastNumber, 4);
      const probe = new Journal({ folder });
      assert.equal(probe.lastNumber, 4, 'a refused group left records behind');
      probe.close();
      full = false;
    }
    assert.deepEqual(journal.append([signature()]), [{ number: 5, keyNumber: 5 }]);
    journal.close();
  });

  it('is unusable after a write whose outcome nobody knows', () => {
    let broken = false;
    const journal = new Journal({
      folder,
      write: (...write) => (broken ? failing('EIO')() : writeFully(...write)),
    });
    journal.append(many(1));
    broken = true;
    assert.throws(() => journal.append(many(1)), { code: 'EIO' });
    broken = false;
    assert.throws(() => journal.append(many(1)), { code: 'EIO' });
    journal.close();
  });

  it('takes nothing after it was closed', () => {
    const journal = new Journal({ folder });
    journal.close();
    assert.throws(() => journal.append(many(1)), { code: 'signer_unavailable' });
  });

  it('removes what a crash left half-named, and is readable by its owner only', () => {
    writeFileSync(join(folder, '0000000000000001-00000001.journal.tmp'), 'half a head');
    new Journal({ folder }).close();
    assert.deepEqual(readdirSync(folder), ['0000000000000001-00000001.journal']);
    assert.equal(statSync(onlySegment()).mode & 0o777, 0o600);
  });
});

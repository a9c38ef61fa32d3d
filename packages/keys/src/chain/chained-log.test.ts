import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { writeNewDurably } from '../disk/write-durably.ts';
import { writeFully } from '../disk/write-fully.ts';
import type { ChainKey } from './chain-segment.ts';
import { ChainedLog, type ChainedLogOptions } from './chained-log.ts';

const secret = (fill: number) => createSecretKey(Buffer.alloc(32, fill));
const chain: ChainKey = { name: 'lives', key: secret(1) };
let folder = '';
let opened: ChainedLog[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-chain-'));
  opened = [];
});
afterEach(() => {
  for (const log of opened) log.close();
  rmSync(folder, { recursive: true });
});

interface Opened {
  log: ChainedLog;
  values: unknown[];
}
const open = (options: Partial<ChainedLogOptions> = {}): Opened => {
  const values: unknown[] = [];
  const each = (value: unknown): void => void values.push(value);
  const log = new ChainedLog({
    folder,
    chain,
    epoch: 1,
    holdsFolder: () => true,
    each,
    ...options,
  });
  opened.push(log);
  return { log, values };
};
/** Writes `values` one by one, as one start of the signer, and leaves. */
const write = (values: readonly unknown[], options: Partial<ChainedLogOptions> = {}): void => {
  const { log } = open(options);
  for (const value of values) log.append([value]);
  log.close();
};
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
const paths = (): string[] => readdirSync(folder).map((name) => join(folder, name));
const only = (): string => {
  const [path, ...others] = paths();
  assert.deepEqual(others, []);
  return path as string;
};
const refused = { code: 'key_life_corrupt' };

describe('a chained record', () => {
  it('is read back in order over starts and segments, from any number', () => {
    const small = { linesPerSegment: 3 };
    write(numbers(1, 4), small);
    write([], small);
    write(numbers(5, 11), small);
    const { log, values } = open(small);
    assert.deepEqual(values, numbers(1, 11));
    assert.deepEqual([log.firstNumber, log.lastNumber], [1, 11]);
    const read = log.read(4, 5);
    assert.deepEqual(
      read.map(({ number, value }) => [number, value]),
      numbers(4, 8).map((number) => [number, number]),
    );
    assert.deepEqual(log.read(12, 5), []);
  });

  it('forgets a line that was cut off anywhere while it was written, and no other', () => {
    write(['one', 'two', 'three']);
    const path = only();
    const whole = readFileSync(path);
    const lineStart = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (let length = lineStart; length < whole.length; length += 1) {
      writeFileSync(path, whole.subarray(0, length));
      assert.deepEqual(open().values, ['one', 'two'], `cut at ${length}`);
    }
    // Power was lost, and of the last line only its end had reached the disk.
    const holed = Buffer.from(whole);
    holed.fill(0, lineStart, lineStart + 10);
    writeFileSync(path, holed);
    const { log, values } = open();
    assert.deepEqual(values, ['one', 'two']);
    log.append(['again']);
    assert.deepEqual(open().values, ['one', 'two', 'again']);
  });

  it('does not open when any byte of it was changed', () => {
    write([{ kid: 'a', state: 'revoked' }, { kid: 'b' }]);
    const path = only();
    const whole = readFileSync(path);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: whole.length - 2 }),
        fc.integer({ min: 1, max: 255 }),
        (at, flip) => {
          const changed = Buffer.from(whole);
          changed[at] = (changed[at] as number) ^ flip;
          // A zero in the last line looks as if power was lost while it was written.
          fc.pre(changed[at] !== 0);
          writeFileSync(path, changed);
          assert.throws(open, refused);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does not open with a line dropped, moved, added or from elsewhere', () => {
    write(['one', 'two', 'three']);
    const path = only();
    const [head, one, two, three] = readFileSync(path, 'utf8').split('\n') as [
      string,
      string,
      string,
      string,
    ];
    const with_ = (lines: string[]): void => writeFileSync(path, `${lines.join('\n')}\n`);
    for (const lines of [
      [head, two, three],
      [head, one, three],
      [head, two, one, three],
      [head, one, one, two, three],
      [one, two, three],
      [head, one, two, three, ''],
    ]) {
      with_(lines);
      assert.throws(open, refused, lines.map((line) => line.slice(0, 4)).join());
    }
    with_([head, one, two, three]);
    assert.throws(() => open({ chain: { name: 'lives', key: secret(2) } }), refused);
    assert.throws(() => open({ chain: { name: 'access', key: chain.key } }), {
      code: 'access_corrupt',
    });
    // What remains to whoever writes here: an older copy.
    with_([head, one]);
    assert.deepEqual(open().values, ['one']);
  });

  it('does not open when a file of it is missing, or says it is another', () => {
    for (const value of ['one', 'two', 'three']) write([value]);
    const [first, second, third] = paths().sort() as [string, string, string];
    for (const path of [first, second]) {
      const bytes = readFileSync(path);
      unlinkSync(path);
      assert.throws(open, refused);
      writeFileSync(path, bytes);
    }
    const last = readFileSync(third);
    writeFileSync(third, readFileSync(second));
    assert.throws(open, refused);
    writeFileSync(third, last);
    assert.deepEqual(open().values, ['one', 'two', 'three']);
  });

  it('does not open when its newest file was put back over one that came later', () => {
    write(['one']);
    write(['two']);
    const second = paths().sort()[1] as string;
    const bytes = readFileSync(second);
    unlinkSync(second);
    // As if the signer had gone on from the older copy.
    write(['another two']);
    write(['three']);
    writeFileSync(second, bytes);
    assert.throws(open, refused);
  });

  it('counts nothing that a frozen signer wrote after it was replaced', () => {
    let isHeld = true;
    const old = open({ epoch: 3, holdsFolder: () => isHeld }).log;
    old.append(['one']);
    const { log } = open({ epoch: 4 });
    isHeld = false;
    assert.throws(() => old.append(['late']), { code: 'folder_locked' });
    assert.throws(() => old.append(['later']), { code: 'folder_locked' });
    log.append(['two']);
    assert.deepEqual(open().values, ['one', 'two']);
  });

  it('gives up a segment that a frozen signer started and its successor did not read', () => {
    const old = open({ epoch: 3, holdsFolder: () => false }).log;
    const { log } = open({ epoch: 4 });
    assert.throws(() => old.append(['late']), { code: 'folder_locked' });
    log.append(['one']);
    assert.deepEqual(open().values, ['one']);
  });

  it('keeps the newest lines when it is bounded, and their numbers', () => {
    const bounded = { keepLines: 5, linesPerSegment: 2 };
    write(numbers(1, 4), bounded);
    write(numbers(5, 13), bounded);
    const { log, values } = open(bounded);
    assert.ok(values.length >= 5 && values.length <= 5 + 2);
    assert.equal(values.at(-1), 13);
    assert.equal(log.firstNumber, values[0]);
    assert.deepEqual(
      log.read(1, 2).map(({ number }) => number),
      [log.firstNumber, log.firstNumber + 1],
    );
  });
});

describe('a chained record on a bad disk', () => {
  const failing = (code: string, wrote: number) => {
    const state = { fails: false };
    const fail = (write: (bytes: Uint8Array) => void, bytes: Uint8Array): void => {
      if (!state.fails || wrote > 0) write(state.fails ? bytes.subarray(0, wrote) : bytes);
      if (!state.fails) return;
      throw Object.assign(new Error(code), { code });
    };
    const disk = {
      writeNew: (path: string, bytes: Uint8Array): void =>
        fail((part) => writeNewDurably(state.fails ? `${path}.tmp` : path, part), bytes),
      writeAt: (fd: number, bytes: Uint8Array, at: number): void =>
        fail((part) => writeFully(fd, part, at), bytes),
    };
    return { state, disk };
  };

  it('changes nothing while there is no room, and goes on when there is', () => {
    for (const wrote of [0, 20]) {
      const { state, disk } = failing('ENOSPC', wrote);
      const { log } = open({ disk });
      const before = log.lastNumber;
      for (const value of ['first', 'second']) {
        state.fails = true;
        assert.throws(() => log.append([`${value} refused`]), { code: 'ENOSPC' });
        assert.equal(log.broken, undefined);
        state.fails = false;
        log.append([value]);
      }
      assert.deepEqual(open().values.slice(before), ['first', 'second']);
      log.close();
    }
  });

  it('is used no more when nobody knows what reached it', () => {
    const { state, disk } = failing('EIO', 0);
    const { log } = open({ disk });
    log.append(['one']);
    state.fails = true;
    assert.throws(() => log.append(['two']), { code: 'EIO' });
    state.fails = false;
    assert.throws(() => log.append(['three']), { code: 'EIO' });
    assert.ok(log.broken !== undefined);
    assert.deepEqual(open().values, ['one']);
  });
});

// The scanner's own promises: once, whole, in order, whatever the finders say twice.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Find, Finder } from './find.ts';
import { redact } from './redact.ts';
import { openScanner } from './scan-stream.ts';

/** Finds `<…>` up to nine bytes long, and as a second sight what is between. */
const brackets: Finder = {
  window: 9,
  scan(bytes, from, report) {
    const text = Buffer.from(bytes).toString('latin1');
    for (const { index, 0: hit } of text.matchAll(/<[^<>]{1,7}>/g)) {
      if (index < from) continue;
      report(index + 1, hit.length - 2, 'memory-ec', 'inner', 'k-1');
      report(index, hit.length, 'pem', 'outer');
    }
  },
};

function scan(text: string, chunkBytes: number): Find[] {
  const scanner = openScanner({ finders: [brackets], container: ['c'], blockBytes: 16 });
  const finds: Find[] = [];
  for (let at = 0; at < text.length; at += chunkBytes)
    finds.push(...scanner.push(Buffer.from(text.slice(at, at + chunkBytes))));
  return [...finds, ...scanner.end()];
}

describe('a scanner', () => {
  it('tells each secret once, by its outermost form, with the kid that anybody knows', () => {
    assert.deepEqual(scan('..<secret>..', 3), [
      { offset: 2, length: 8, kind: 'pem', kid: 'k-1', container: ['c'], what: 'outer' },
    ]);
  });

  it('finds the same in any chunks', () => {
    const piece = fc.oneof(
      fc.constantFrom('<a>', '<1234567>', '<', '>', '<b', '<12345678>'),
      fc.integer({ min: 0, max: 90 }).map((length) => '.'.repeat(length)),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.integer({ min: 1, max: 200 }), (pieces, chunkBytes) => {
        const text = pieces.join('');
        const wanted = [...text.matchAll(/<[^<>]{1,7}>/g)].map(({ index, 0: hit }) => [
          index,
          hit.length,
        ]);
        const found = scan(text, chunkBytes).map(({ offset, length }) => [offset, length]);
        assert.deepEqual(found, wanted);
      }),
    );
  });

  it('counts on over bytes that it is told to leave out', () => {
    const scanner = openScanner({ finders: [brackets] });
    const before = [...scanner.push(Buffer.from('<a>')), ...scanner.skip(1_000)];
    assert.equal(scanner.position, 1_003);
    const after = [...scanner.push(Buffer.from('.<b>')), ...scanner.end()];
    assert.deepEqual(
      [...before, ...after].map(({ offset }) => offset),
      [0, 1_004],
    );
  });
});

describe('redaction', () => {
  it('zeroes the ranges and nothing else, in any chunks', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const ranges = fc.array(fc.record({ offset: fc.nat(310), length: fc.nat(50) }));
    fc.assert(
      fc.property(bytes, ranges, fc.integer({ min: 1, max: 64 }), (given, where, chunkBytes) => {
        const copy = given.slice();
        for (let at = 0; at < copy.length; at += chunkBytes)
          redact(copy.subarray(at, at + chunkBytes), at, where);
        const inside = (at: number): boolean =>
          where.some(({ offset, length }) => at >= offset && at < offset + length);
        assert.deepEqual(
          copy,
          given.map((byte, at) => (inside(at) ? 0 : byte)),
        );
      }),
    );
  });
});

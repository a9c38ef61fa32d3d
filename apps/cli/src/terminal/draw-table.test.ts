import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { drawTable } from './draw-table.ts';
import { plainPaint, printable, terminalPaint, widthOf, wrap } from './paint.ts';

describe('a table', () => {
  it('lines its columns up, whatever is painted', () => {
    const columns = [{ title: 'name' }, { title: 'uses', align: 'right' as const }];
    const rows = [
      [terminalPaint.bad('forged'), '3'],
      ['x', '1000'],
    ];
    assert.deepEqual(drawTable(columns, rows, terminalPaint, 80).slice(2).map(widthOf), [14, 14]);
    assert.equal(drawTable(columns, rows, plainPaint, 80)[3], '  x       1000');
  });

  it('wraps the flexible column and keeps every word', () => {
    const columns = [{ title: 'a' }, { title: 'b', flexible: true }];
    const words = Array.from({ length: 40 }, (_, at) => `word${at}`);
    const lines = drawTable(columns, [['k', words.join(' ')]], plainPaint, 60);
    assert.ok(lines.every((line) => widthOf(line) <= 60));
    const text = lines.slice(2).join(' ');
    for (const word of words) assert.ok(text.includes(word));
  });
});

describe('text for a terminal', () => {
  it('holds no control character, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(printable(text), /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it('wraps within the width and loses nothing but spaces', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 40 }), (text, width) => {
        const lines = wrap(printable(text), width);
        assert.ok(lines.every((line) => widthOf(line) <= width));
        assert.equal(lines.join('').replaceAll(' ', ''), printable(text).replaceAll(' ', ''));
      }),
    );
  });
});

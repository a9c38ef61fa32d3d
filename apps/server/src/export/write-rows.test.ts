import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { csvCell, openRows } from './write-rows.ts';

/** RFC 4180, as a spreadsheet reads it. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  for (const line of text.matchAll(/((?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,|\r\n))+?(?<=\r\n)/g)) {
    const cells = [...line[0].matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(?:,|\r\n)/g)];
    rows.push(
      cells.map(([, cell = '']) =>
        cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
      ),
    );
  }
  return rows;
}

const event = (message: string) => ({
  number: 7,
  ocsf: {
    time: 1_795_289_400_000,
    class_uid: 3002,
    message,
    unmapped: { countersign: { event: 'session.started', client_id: message } },
  },
});

describe('a table of events', () => {
  test('never holds a formula, and never loses what a cell said', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), (text) => {
        const [[cell = ''] = []] = readCsv(`${csvCell(text)}\r\n`);
        assert.ok(cell === text || cell === `'${text}`);
        assert.doesNotMatch(cell, /^\s*[=+\-@]|^[\t\r\n]/);
      }),
      { numRuns: 2_000 },
    );
  });

  for (const formula of [
    '=HYPERLINK("http://evil.example","click")',
    "+1+cmd|' /C calc'!A0",
    '-2+3',
    '@SUM(A1)',
    ' =1',
    '\t=1',
    '\r=1',
    '＝1',
  ]) {
    test(`writes ${JSON.stringify(formula)} as text`, () => {
      const [[cell = ''] = []] = readCsv(`${csvCell(formula)}\r\n`);
      assert.equal(cell, `'${formula}`);
    });
  }

  test('has one row an event, whatever is in it, with the whole event in the last cell', () => {
    const { head, row } = openRows('csv');
    const messages = ['a', 'b,"c"\r\nd', '=1'];
    const rows = readCsv(head + messages.map((message) => row(event(message))).join(''));
    assert.equal(rows.length, 4);
    assert.ok(rows.every(({ length }) => length === rows[0]?.length));
    for (const [at, message] of messages.entries()) {
      assert.equal(JSON.parse(rows[at + 1]?.at(-1) ?? '').message, message);
      assert.deepEqual(rows[at + 1]?.slice(0, 2), ['7', '2026-11-21T19:30:00.000Z']);
    }
  });
});

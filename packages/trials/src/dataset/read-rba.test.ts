import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import fc from 'fast-check';
import { countryCode } from '../logins.ts';
import { HEADER, rbaLine } from '../testing/rba-csv.ts';
import { CsvRows, LONGEST_ROW } from './csv-rows.ts';
import { DenseIds, hashBytes } from './dense-ids.ts';
import { readRba } from './read-rba.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function splitAll(text: string, size: number): { rows: string[][]; broken: number } {
  const rows: string[][] = [];
  const reader = new CsvRows(({ bytes, from, to, fields }) => {
    rows.push(
      Array.from({ length: fields }, (_, at) =>
        Buffer.from(bytes.subarray(from[at]!, to[at]!)).toString(),
      ),
    );
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  reader.end();
  return { rows, broken: reader.broken };
}

describe('rows of a CSV file', () => {
  test('are the same however the bytes are cut', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'b', ',', '"', '\n', 'é'), maxLength: 6 });
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { maxLength: 8 });
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 40 }), fc.boolean(), (rows, size, isDos) => {
        const quoted = rows.map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`));
        const text = quoted.map((row) => row.join(',')).join(isDos ? '\r\n' : '\n');
        const expected = rows.map((row) => row.map((each) => each.replaceAll('"', '""')));
        assert.deepEqual(splitAll(text, size), { rows: expected, broken: 0 });
      }),
    );
  });

  test('a quote that is never closed costs its own line, not the file', () => {
    const good = 'x,"y, z",\r\n'.repeat(20_000);
    assert.ok(good.length > LONGEST_ROW);
    const { rows, broken } = splitAll(`1,"2\n${good}`, 1000);
    assert.equal(broken, 1);
    assert.equal(rows.length, 20_000);
    assert.deepEqual(rows.at(-1), ['x', 'y, z', '']);
  });
});

describe('the published data set', () => {
  test('becomes logins in order of time, with people and values as numbers', async () => {
    const lines = [
      rbaLine(1, { time: '2020-02-03 12:00:02.000', user: 'b' }),
      rbaLine(2, { time: '2020-02-03 12:00:01.500', user: 'a', ip: '10.0.0.2', device: 'desktop' }),
      rbaLine(3, { time: '2020-02-03 12:00:03.000', user: 'a', country: 'US' }),
    ];
    const { logins, counted } = await readRba(inPieces([HEADER, ...lines, ''].join('\n'), 7));
    assert.deepEqual(
      [...logins.timeMs].map((each) => each % 60_000),
      [1500, 2000, 3000],
    );
    assert.equal(logins.user[0], logins.user[2]);
    assert.notEqual(logins.user[0], logins.user[1]);
    assert.equal(logins.traits.ip[1], logins.traits.ip[2]);
    assert.deepEqual([...logins.traits.country].map(countryCode), ['NO', 'NO', 'US']);
    assert.equal(logins.deviceNames[logins.traits.device[0]!], 'desktop');
    assert.deepEqual(
      { ...counted },
      { rows: 3, bad: 0, failed: 0, incomplete: 0, notDrawn: 0, kept: 3 },
    );
  });

  test('counts what it does not keep: failures, gaps, bad rows', async () => {
    const lines = [
      rbaLine(1, { success: 'False' }),
      rbaLine(2, { asn: '' }),
      rbaLine(3, { ua: '' }),
      rbaLine(4, { time: 'yesterday' }),
      rbaLine(5, { success: 'maybe' }),
      rbaLine(6).slice(0, 80),
      rbaLine(7),
    ];
    const { counted } = await readRba(inPieces([HEADER, ...lines].join('\r\n'), 4096));
    const { rows, bad, failed, incomplete, kept } = counted;
    assert.deepEqual([rows, bad, failed, incomplete, kept], [7, 3, 1, 2, 1]);
  });

  test('keeps takeovers apart from every history, at their own time', async () => {
    const lines = [
      rbaLine(1, { time: '2020-02-03 12:00:00.000' }),
      rbaLine(2, { time: '2020-02-04 12:00:00.000', ip: '9.9.9.9', takeover: 'True' }),
      rbaLine(3, { time: '2020-02-05 12:00:00.000' }),
    ];
    const { logins, takeovers } = await readRba(inPieces([HEADER, ...lines].join('\n'), 4096));
    assert.equal(logins.size, 2);
    assert.deepEqual([takeovers.size, takeovers.row[0], takeovers.user[0]], [1, 1, logins.user[0]]);
    assert.equal(takeovers.timeMs[0], Date.UTC(2020, 1, 4, 12));
    assert.ok(takeovers.traits.ip[0] !== logins.traits.ip[0]);
  });

  test('keeps a share of the people with all their logins', async () => {
    const lines = Array.from({ length: 4000 }, (_, at) =>
      rbaLine(at, { user: `user ${at % 1000}` }),
    );
    const text = [HEADER, ...lines].join('\n');
    const { logins, counted } = await readRba(inPieces(text, 65_536), { shareOfPeople: 0.3 });
    assert.ok(Math.abs(logins.users - 300) < 60, `${logins.users}`);
    assert.equal(logins.size, logins.users * 4);
    assert.equal(counted.notDrawn + counted.kept, 4000);
  });

  test('another file is refused by the name of what it lacks', async () => {
    await assert.rejects(
      readRba(inPieces('a,b,c\n1,2,3\n', 100)),
      (error) =>
        isCodedError(error) && error.code === 'data_malformed' && /User ID/.test(error.message),
    );
    await assert.rejects(readRba(inPieces('', 1)), /empty/);
  });

  test('begins with a byte order mark, has NaN for a gap, and ends in the middle of a flag', async () => {
    const lines = [rbaLine(1), rbaLine(2, { asn: 'NaN' }), rbaLine(3, { ua: 'nan' }), rbaLine(4)];
    const text = `\uFEFF${[HEADER, ...lines].join('\n')}`.slice(0, -2);
    const { counted } = await readRba(inPieces(text, 100));
    assert.deepEqual([counted.rows, counted.kept, counted.incomplete, counted.bad], [4, 1, 2, 1]);
  });

  test('a row of 10 MB, and bytes that are no UTF-8, cost themselves only', async () => {
    const huge = rbaLine(2, { ua: 'x'.repeat(10_000_000) });
    const text = [HEADER, rbaLine(1), huge, rbaLine(3, { ua: 'M\xff' }), rbaLine(4)].join('\r\n');
    async function* chunks(): AsyncGenerator<Uint8Array> {
      const bytes = Buffer.from(text, 'latin1');
      for (let at = 0; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20));
    }
    const { counted } = await readRba(chunks());
    assert.equal(counted.kept, 3);
    assert.ok(counted.bad >= 1);
  });

  test('as the authors read it, a takeover is a login and Namibia is a gap', async () => {
    const lines = [
      rbaLine(1, { time: '2020-02-03 12:00:00.000' }),
      rbaLine(2, { time: '2020-02-03 13:00:00.000', takeover: 'True' }),
      rbaLine(3, { time: '2020-02-03 14:00:00.000', country: 'NA' }),
    ];
    const read = (asPublished: boolean) =>
      readRba(inPieces([HEADER, ...lines].join('\n'), 4096), { asPublished });
    const [published, ours] = [await read(true), await read(false)];
    assert.deepEqual([published.logins.size, published.takeovers.size], [2, 0]);
    // A country that is called like a gap is none: its people count here.
    assert.deepEqual([ours.logins.size, ours.takeovers.size], [2, 1]);
  });

  test('a file that is still packed, or has nothing to learn from, is refused by name', async () => {
    async function* packed(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0);
    }
    await assert.rejects(readRba(packed()), /packed/);
    await assert.rejects(readRba(inPieces('PK\x03\x04 and so on', 100)), /packed/);
    const failures = Array.from({ length: 3 }, (_, at) => rbaLine(at, { success: 'False' }));
    await assert.rejects(
      readRba(inPieces([HEADER, ...failures].join('\n'), 100)),
      /no successful login.*3 rows: 0 unreadable, 3 failed/s,
    );
  });

  test('gives each of 100,000 texts its own number, and the same one again', () => {
    const ids = new DenseIds();
    const of = (at: number): number => {
      const bytes = Buffer.from(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`);
      return ids.idOf(hashBytes(bytes, 0, bytes.length));
    };
    for (let at = 0; at < 100_000; at++) assert.equal(of(at), at + 1);
    for (let at = 0; at < 100_000; at += 997) assert.equal(of(at), at + 1);
    assert.equal(ids.size, 100_000);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { readAll } from '../testing/read-all.ts';

const record = fc.dictionary(
  fc
    .string({ maxLength: 6 })
    .filter((name) => !['Records', 'records', 'value', 'items', 'entries'].includes(name)),
  fc.jsonValue({ maxDepth: 3 }),
  { maxKeys: 4 },
);
const records = fc.array(record, { maxLength: 12 });
const piece = fc.integer({ min: 1, max: 200 });

const SHAPES: Record<string, (all: readonly object[]) => string> = {
  'one a line': (all) => all.map((one) => `${JSON.stringify(one)}\n`).join(''),
  'one a line, Windows line ends, none at the end': (all) =>
    all.map((one) => JSON.stringify(one)).join('\r\n'),
  'one after the other, nothing between': (all) => all.map((one) => JSON.stringify(one)).join(''),
  'printed over many lines': (all) => all.map((one) => JSON.stringify(one, null, 2)).join('\n'),
  'a list': (all) => JSON.stringify(all),
  'a list, printed': (all) => JSON.stringify(all, null, 4),
  'a list, one a line': (all) => `[\n${all.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`,
  'an envelope of CloudTrail': (all) => JSON.stringify({ Records: all }),
  'an envelope of Graph, printed': (all) =>
    JSON.stringify(
      { '@odata.context': 'https://x/$metadata', value: all, '@odata.nextLink': 'https://x' },
      null,
      2,
    ),
  'envelopes, one a line': (all) =>
    all.map((one) => JSON.stringify({ kind: 'k', items: [one, one].slice(1) })).join('\n'),
  'texts that hold a record, one a line': (all) =>
    all.map((one) => JSON.stringify(JSON.stringify(one))).join('\n'),
};

describe('records come out as they are', () => {
  for (const [name, write] of Object.entries(SHAPES)) {
    test(`of ${name}, whatever the pieces`, () =>
      fc.assert(
        fc.asyncProperty(records, piece, async (all, size) => {
          const read = await readAll(write(all), { piece: size });
          assert.deepEqual(
            read.records.map(({ record }) => record),
            JSON.parse(JSON.stringify(all)),
          );
          assert.deepEqual(read.problems, []);
          for (const { text, record } of read.records) assert.deepEqual(JSON.parse(text), record);
        }),
        { numRuns: 40 },
      ));
  }

  test('of gzip with several members, of Zstandard, and with a mark of UTF-8', async () => {
    const line = '{"a":"ü"}\n';
    const members = Buffer.concat([gzipSync(line), gzipSync(line)]);
    for (const bytes of [members, zstdCompressSync(line.repeat(2)), `\ufeff${line}\ufeff${line}`]) {
      const { records, problems } = await readAll(bytes, { piece: 7 });
      assert.deepEqual(
        [records.map(({ record }) => record), problems],
        [[{ a: 'ü' }, { a: 'ü' }], []],
      );
    }
  });

  test('of UTF-16 of either order, with a mark or without', async () => {
    const text = '{"a":"ü"}\r\n{"a":"ż"}\r\n';
    const little = Buffer.from(text, 'utf16le');
    const big = Buffer.from(little).swap16();
    for (const bytes of [
      little,
      big,
      Buffer.concat([Buffer.from([0xff, 0xfe]), little]),
      Buffer.concat([Buffer.from([0xfe, 0xff]), big]),
    ]) {
      const { records, problems } = await readAll(bytes, { piece: 100 });
      assert.deepEqual(
        [records.map(({ record }) => record), problems],
        [[{ a: 'ü' }, { a: 'ż' }], []],
      );
    }
  });

  test('with the line where each begins', async () => {
    const { records } = await readAll(
      '{"a":1}\n\n{"a":\n2}\n[{"a":3},\n{"a":4}]{"Records":[\n{"a":5}]}',
    );
    assert.deepEqual(
      records.map(({ record, line }) => [record['a'], line]),
      [
        [1, 1],
        [2, 3],
        [3, 5],
        [4, 6],
        [5, 7],
      ],
    );
  });
});

describe('bad input costs nothing but itself', () => {
  const good = (n: number) => `{"a":${n}}`;
  const cases: [string, string, number[], string[]][] = [
    ['a line cut in a text', `${good(1)}\n{"b":"x\n${good(2)}\n`, [1, 2], ['2 not_json']],
    ['a line cut behind a number', `{"b":1\n${good(2)}\n`, [2], ['1 not_json']],
    ['a line cut in a list', `{"b":[1,\n${good(2)}\n${good(3)}\n`, [2, 3], ['1 not_json']],
    [
      'a line cut in a list, at the end',
      `${good(1)}\n{"b":[1,\n${good(2)}`,
      [1, 2],
      ['2 unfinished'],
    ],
    ['the last line cut', `${good(1)}\n{"a":2`, [1], ['2 unfinished']],
    ['a line of no JSON', `${good(1)}\nERROR timeout\n${good(2)}`, [1, 2], ['2 not_json']],
    ['braces that match and are no JSON', `[${good(1)},{oops},${good(2)}]`, [1, 2], ['1 not_json']],
    ['a list without an end', `[${good(1)},\n${good(2)},\n`, [1, 2], ['3 unfinished']],
    [
      'a list whose last record is cut',
      `[${good(1)},\n${good(2)},\n{"a":`,
      [1, 2],
      ['3 unfinished'],
    ],
    ['an envelope without an end', `{"Records":[${good(1)},${good(2)}]`, [1, 2], ['1 unfinished']],
    ['a number among them', `[${good(1)},"x",${good(2)}]`, [1, 2], ['1 not_an_object']],
  ];
  for (const [name, text, expected, told] of cases) {
    test(name, async () => {
      for (const size of [1, 3, 1000]) {
        const { records, problems } = await readAll(text, { piece: size, name: 'log.json' });
        assert.deepEqual(
          records.map(({ record }) => record['a']),
          expected,
        );
        assert.deepEqual(
          problems.map(({ line, code }) => `${line} ${code}`),
          told,
        );
        for (const { file } of problems) assert.equal(file, 'log.json');
      }
    });
  }

  test('gzip that was cut gives all that came before', async () => {
    const lines = Array.from({ length: 3000 }, (_, n) => `{"a":${n},"b":"${Math.sin(n)}"}\n`);
    const whole = gzipSync(lines.join(''));
    const { records, problems } = await readAll(whole.subarray(0, whole.length - 2000));
    assert.ok(records.length > 2500, `${records.length} read`);
    assert.deepEqual(
      records.map(({ record }) => record['a']),
      records.map((_, n) => n),
    );
    assert.equal(problems[0]?.code, 'truncated');
  });

  test('gzip with a damaged block gives what came before', async () => {
    const lines = Array.from({ length: 9000 }, (_, n) => `{"a":${n},"b":"${Math.sin(n)}"}\n`);
    const whole = gzipSync(lines.join(''));
    whole.fill(0xff, 100_000, 100_100);
    const { records, problems } = await readAll(whole);
    assert.ok(records.length > 1000, `${records.length} read`);
    assert.equal(problems[0]?.code, 'compressed_data_bad');
  });

  test('a line over the limit is skipped, and the lines around it are read', async () => {
    const long = `{"a":2,"b":"${'x'.repeat(5000)}"}`;
    for (const [text, expected] of [
      [`${good(1)}\n${long}\n${good(3)}\n`, [1, 3]],
      [`[${good(1)},${long},${good(3)}]`, [1, 3]],
      [`${good(1)}\n${'x'.repeat(5000)}\n${good(3)}\n`, [1, 3]],
      // A cut record that swallows what follows is given up at the limit.
      [`{"b":[1,\n${`${good(7)},\n`.repeat(300)}`, Array(300).fill(7)],
    ] as const) {
      for (const size of [50, 100_000]) {
        const { records, problems } = await readAll(text, { longest: 1000, piece: size });
        assert.deepEqual(
          records.map(({ record }) => record['a']),
          expected,
        );
        assert.ok(problems.length >= 1);
      }
    }
  });

  test('one line of Windows-1252 among UTF-8 is read as what it is', async () => {
    const mixed = Buffer.concat([
      Buffer.from('{"a":"Zoë"}\n'),
      Buffer.from('{"a":"Zoë"}\n', 'latin1'),
      Buffer.from('{"a":"Zoë"}\n'),
    ]);
    const { records, problems } = await readAll(mixed);
    assert.deepEqual(
      records.map(({ record }) => record['a']),
      ['Zoë', 'Zoë', 'Zoë'],
    );
    assert.deepEqual(
      problems.map(({ line, code, kept }) => [line, code, kept]),
      [[2, 'not_utf8', true]],
    );
  });

  test('an archive is not read as text', async () => {
    const { records, problems } = await readAll(Buffer.from('PK\x03\x04 something else'));
    assert.deepEqual([records.length, problems[0]?.code], [0, 'not_readable']);
  });

  test('any bytes at all end in records and problems, never in an error', () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), piece, async (bytes, size) => {
        await readAll(bytes, { piece: size, longest: 64 });
      }),
      { numRuns: 200 },
    ));
});

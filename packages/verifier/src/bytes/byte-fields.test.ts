import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { equalBytes } from './compare-bytes.ts';
import { decodeHex, encodeHex, encodeHexOfByteText } from './hex.ts';

const WIDTHS = { u8: 1, u16: 2, u32: 4, u48: 6, u64: 8 } as const;
const kinds = Object.keys(WIDTHS) as (keyof typeof WIDTHS)[];

test('every field gives back the number it was given, up to 2^53-1', () => {
  const field = fc.constantFrom(...kinds).chain((kind) => {
    const most = Math.min(256 ** WIDTHS[kind] - 1, Number.MAX_SAFE_INTEGER);
    return fc.tuple(
      fc.constant(kind),
      fc.maxSafeNat().map((value) => value % (most + 1)),
    );
  });
  fc.assert(
    fc.property(fc.array(field), fc.uint8Array({ maxLength: 255 }), (fields, tail) => {
      const size = fields.reduce((sum, [kind]) => sum + WIDTHS[kind], 1 + tail.length);
      const writer = new ByteWriter(size);
      for (const [kind, value] of fields) writer[kind](value);
      const reader = new ByteReader(writer.len8(tail).finish());
      for (const [kind, value] of fields) assert.equal(reader[kind](), value);
      assert.deepEqual(reader.len8(), tail);
      reader.end();
    }),
  );
});

test('numbers above 32 bits are written as DataView writes them', () => {
  for (const value of [2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 2 ** 47, 2 ** 53 - 1]) {
    const expected = new Uint8Array(8);
    new DataView(expected.buffer).setBigUint64(0, BigInt(value));
    assert.deepEqual(new ByteWriter(8).u64(value).finish(), expected);
  }
});

test('a number that does not fit its field, or is none, is refused', () => {
  for (const kind of kinds) {
    for (const value of [-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      assert.throws(() => new ByteWriter(8)[kind](value), { code: 'number_out_of_range' });
    }
    if (kind === 'u64') continue;
    const most = 256 ** WIDTHS[kind] - 1;
    assert.throws(() => new ByteWriter(8)[kind](most + 1), { code: 'number_out_of_range' });
  }
  const above = Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0);
  assert.throws(() => new ByteReader(above).u64(), { code: 'number_out_of_range' });
});

test('reading past the end and leaving bytes over are refused', () => {
  assert.throws(() => new ByteReader(new Uint8Array(3)).u32(), { code: 'bytes_malformed' });
  assert.throws(() => new ByteReader(Uint8Array.of(2, 1)).len8(), { code: 'bytes_malformed' });
  assert.throws(() => new ByteReader(new Uint8Array(1)).end(), { code: 'bytes_malformed' });
});

test('writing more or less than announced is refused', () => {
  assert.throws(() => new ByteWriter(1).u16(1), { code: 'bytes_malformed' });
  assert.throws(() => new ByteWriter(1).bytes(new Uint8Array(2)), { code: 'bytes_malformed' });
  assert.throws(() => new ByteWriter(2).u8(1).finish(), { code: 'bytes_malformed' });
  assert.throws(() => new ByteWriter(300).len8(new Uint8Array(256)), {
    code: 'number_out_of_range',
  });
});

test('hexadecimal is lower case, whole bytes, and goes both ways', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(decodeHex(encodeHex(bytes)), bytes);
      assert.equal(encodeHexOfByteText(String.fromCharCode(...bytes)), encodeHex(bytes));
    }),
  );
  for (const text of ['A0', '0', 'zz', '0x', ' 00']) assert.equal(decodeHex(text), undefined);
});

test('bytes are equal only in length and every byte', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (left, right) => {
      assert.equal(equalBytes(left, right), Buffer.compare(left, right) === 0);
      assert.ok(equalBytes(left, left.slice()));
    }),
  );
});

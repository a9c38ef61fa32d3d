// The bytes themselves, put together here a second time by hand.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { commitToken } from './commit-token.ts';
import { cosignedMessage } from './cosigned-message.ts';
import { decodeReceipt, encodeReceipt, receiptSubtree } from './encode-receipt.ts';
import { decodeLeafEntry, encodeLeafEntry, type LeafEntry, leafTypeOf } from './leaf-entry.ts';

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });
const u48 = fc.maxSafeNat().map((value) => value % 2 ** 48);
const tags = fc.option(
  fc.record({ user: bytes(16), instance: bytes(8) }, { noNullPrototype: true }),
  {
    nil: undefined,
  },
);

test('the commitment is one SHA-256 over label, four names with length and the payload', () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 20 });
  fc.assert(
    fc.property(name, name, name, name, fc.base64String(), (iss, kid, alg, typ, payloadSegment) => {
      const parts = ['itlog/token/v1\n'];
      const named = [iss, kid, alg, typ].map((text) => Buffer.from(text.toWellFormed()));
      const hash = createHash('sha256').update(parts[0] ?? '');
      for (const text of named) hash.update(Uint8Array.of(text.length)).update(text);
      const expected = Uint8Array.from(hash.update(payloadSegment).digest());
      assert.deepEqual(commitToken({ iss, kid, alg, typ, payloadSegment }), expected);
    }),
  );
});

test('names of 255 bytes are committed to, longer ones refused, and long payloads are whole', () => {
  const token = { iss: 'i'.repeat(255), kid: 'k', alg: 'a', typ: 't', payloadSegment: 'p' };
  assert.equal(commitToken(token).length, 32);
  for (const iss of ['i'.repeat(256), 'é'.repeat(128)]) {
    assert.throws(() => commitToken({ ...token, iss }), { code: 'number_out_of_range' });
  }
  const long = { ...token, payloadSegment: 'p'.repeat(100_000) };
  const expected = createHash('sha256')
    .update(`itlog/token/v1\n\u{7f}`.slice(0, -1))
    .update(Uint8Array.of(255))
    .update(long.iss)
    .update('\u0001k\u0001a\u0001t')
    .update(long.payloadSegment)
    .digest();
  assert.deepEqual(commitToken(long), Uint8Array.from(expected));
});

test('no two of issuer, kid, algorithm and type can trade letters without another commitment', () => {
  const token = { iss: 'ab', kid: 'c', alg: 'd', typ: 'e', payloadSegment: 'f' };
  const moved = { ...token, iss: 'a', kid: 'bc' };
  assert.notDeepEqual(commitToken(token), commitToken(moved));
});

test('a leaf has 44 bytes, 69 with tags, and decodes to what was encoded', () => {
  const entry = fc.record(
    {
      type: fc.constantFrom('access' as const, 'id' as const, 'other' as const),
      issuedMs: u48,
      expiresAtSeconds: fc.nat(2 ** 32 - 1),
      commitment: bytes(32),
      tags,
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(entry, (leaf: LeafEntry) => {
      const encoded = encodeLeafEntry(leaf);
      assert.equal(encoded.length, leaf.tags === undefined ? 44 : 69);
      assert.deepEqual(decodeLeafEntry(encoded), leaf);
    }),
  );
});

test('a leaf is laid out as decided', () => {
  const commitment = new Uint8Array(32).fill(0xcc);
  const tags = { user: new Uint8Array(16).fill(0xaa), instance: new Uint8Array(8).fill(0xbb) };
  const encoded = encodeLeafEntry({
    type: 'id',
    issuedMs: 0x0102_0304_0506,
    expiresAtSeconds: 0x0708_090a,
    commitment,
    tags,
  });
  const expected = `0102010203040506${'0708090a'}${'cc'.repeat(32)}01${'aa'.repeat(16)}${'bb'.repeat(8)}`;
  assert.equal(Buffer.from(encoded).toString('hex'), expected);
});

test('a leaf of another version, type, flag or size is refused', () => {
  const commitment = new Uint8Array(32);
  const tags = { user: new Uint8Array(16), instance: new Uint8Array(8) };
  const leaf: LeafEntry = { type: 'access', issuedMs: 1, expiresAtSeconds: 2, commitment, tags };
  const sound = encodeLeafEntry(leaf);
  const bad = [
    sound.with(0, 2),
    sound.with(1, 0),
    sound.with(1, 4),
    sound.with(44, 0),
    sound.with(44, 3),
  ];
  for (const size of [0, 43, 45, 68]) bad.push(sound.slice(0, size));
  for (const broken of bad)
    assert.throws(() => decodeLeafEntry(broken), { code: 'leaf_malformed' });
  assert.throws(() => encodeLeafEntry({ ...leaf, commitment: new Uint8Array(31) }), {
    code: 'leaf_malformed',
  });
  assert.throws(() => encodeLeafEntry({ ...leaf, tags: { ...tags, user: new Uint8Array(15) } }), {
    code: 'leaf_malformed',
  });
  assert.throws(() => encodeLeafEntry({ ...leaf, expiresAtSeconds: 2 ** 32 }), {
    code: 'number_out_of_range',
  });
  assert.throws(() => encodeLeafEntry({ ...leaf, issuedMs: 2 ** 48 }), {
    code: 'number_out_of_range',
  });
});

test('access tokens, ID tokens and all others have their own leaf type', () => {
  assert.deepEqual(['at+jwt', 'JWT', 'logout+jwt', 'at+JWT'].map(leafTypeOf), [
    'access',
    'id',
    'other',
    'other',
  ]);
});

test('a receipt of any shape decodes to what was encoded', () => {
  const receipt = fc.nat(12).chain((log2Span) =>
    fc.record(
      {
        keyId: bytes(4),
        index: u48,
        issuedMs: u48,
        tags,
        log2Span: fc.constant(log2Span),
        proof: fc.array(bytes(32), { minLength: log2Span, maxLength: log2Span }),
        signature: bytes(64),
      },
      { noNullPrototype: true },
    ),
  );
  fc.assert(
    fc.property(receipt, (original) => {
      const encoded = encodeReceipt(original);
      assert.equal(encoded.length, 83 + (original.tags ? 25 : 0) + 32 * original.log2Span);
      assert.deepEqual(decodeReceipt(encoded), original);
    }),
  );
});

test('any bytes at all are a receipt that encodes to themselves, or malformed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (candidate) => {
      try {
        assert.deepEqual(encodeReceipt(decodeReceipt(candidate)), candidate);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'receipt_malformed');
      }
    }),
    { numRuns: 1000 },
  );
});

test('the signed subtree of a receipt is aligned and holds its index, beyond 32 bits too', () => {
  assert.deepEqual(receiptSubtree({ index: 2 ** 40 + 5, log2Span: 4 }), {
    start: 2 ** 40,
    end: 2 ** 40 + 16,
  });
  assert.deepEqual(receiptSubtree({ index: 7, log2Span: 0 }), { start: 7, end: 8 });
});

test('the cosigned message is laid out as the draft says', () => {
  const hash = new Uint8Array(32).fill(0xee);
  const message = cosignedMessage('name', 'origin', { start: 16, end: 2 ** 32 + 32 }, hash);
  const expected = Buffer.concat([
    Buffer.from('subtree/v1\n\0'),
    Buffer.from([4]),
    Buffer.from('name'),
    Buffer.alloc(8),
    Buffer.from([6]),
    Buffer.from('origin'),
    Buffer.from('0000000000000010', 'hex'),
    Buffer.from('0000000100000020', 'hex'),
    hash,
  ]);
  assert.equal(Buffer.from(message).toString('hex'), expected.toString('hex'));
  assert.throws(() => cosignedMessage('n'.repeat(256), 'o', { start: 0, end: 1 }, hash), {
    code: 'number_out_of_range',
  });
});

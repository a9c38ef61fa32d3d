// Receipts made all at once are, byte for byte, those made one by one.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { hashLeaf, hashNode } from '../merkle/hash-node.ts';
import { verifySubtreeInclusion } from '../merkle/verify-inclusion.ts';
import { decodeReceipt, encodeReceipt, receiptSubtree } from './encode-receipt.ts';
import { encodeSubtreeReceipts } from './encode-subtree-receipts.ts';
import { entryTimeMs } from './entry-time.ts';
import { decodeLogEntry, encodeKeyEntry } from './key-entry.ts';
import { encodeLeafEntry } from './leaf-entry.ts';

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });
const u48 = fc.maxSafeNat().map((value) => value % 2 ** 48);
const u32 = fc.nat(2 ** 32 - 1);
const tags = fc.option(fc.record({ user: bytes(16), instance: bytes(8) }), { nil: undefined });
const tokenEntry = fc
  .record({
    type: fc.constantFrom('access' as const, 'id' as const, 'other' as const),
    issuedMs: u48,
    expiresAtSeconds: u32,
    commitment: bytes(32),
    tags,
  })
  .map(encodeLeafEntry);
// A kid of 66 bytes makes an entry about a key as long as others could be with tags.
const keyEntry = fc
  .record({
    event: fc.constantFrom('published' as const, 'revoked' as const),
    atMs: u48,
    notAfterSeconds: u32,
    issuerHash: bytes(32),
    thumbprint: bytes(32),
    kid: fc.string({ minLength: 1, maxLength: 66, unit: fc.constantFrom('k', '\u0001') }),
  })
  .map(encodeKeyEntry);
const entry: fc.Arbitrary<Uint8Array> = fc.oneof(
  { arbitrary: tokenEntry, weight: 4 },
  { arbitrary: keyEntry, weight: 1 },
);

/** All hashes of a subtree, level by level. */
function levelsOf(entries: readonly Uint8Array[]): Uint8Array[][] {
  const levels: Uint8Array[][] = [entries.map((one) => hashLeaf(one))];
  for (let below = levels[0] ?? []; below.length > 1; below = levels.at(-1) ?? []) {
    levels.push(
      Array.from({ length: below.length / 2 }, (_, at) =>
        hashNode(below[2 * at] ?? assert.fail(), below[2 * at + 1] ?? assert.fail()),
      ),
    );
  }
  return levels;
}

describe('receipts of a subtree', () => {
  test('are those that would be made one by one, and prove their entries', () => {
    const sized = fc
      .integer({ min: 0, max: 6 })
      .chain((log2Span) => fc.array(entry, { minLength: 2 ** log2Span, maxLength: 2 ** log2Span }));
    fc.assert(
      fc.property(sized, fc.nat(2 ** 30), bytes(4), bytes(64), (entries, at, keyId, signature) => {
        const firstIndex = at * entries.length;
        const levels = levelsOf(entries);
        const nodes = Buffer.concat(levels.flat());
        const receipts = encodeSubtreeReceipts({ keyId, firstIndex, entries, nodes, signature });
        assert.equal(receipts.length, entries.length);
        receipts.forEach((receipt, position) => {
          const own = entries[position] ?? assert.fail();
          const read = decodeLogEntry(own);
          const proof = levels
            .slice(0, -1)
            .map((level, height) => level[(position >> height) ^ 1] ?? assert.fail());
          const expected = encodeReceipt({
            keyId,
            index: firstIndex + position,
            issuedMs: read.kind === 'token' ? read.issuedMs : read.atMs,
            tags: read.kind === 'token' ? read.tags : undefined,
            log2Span: proof.length,
            proof,
            signature,
          });
          assert.deepEqual(Uint8Array.from(receipt), expected);
          const decoded = decodeReceipt(receipt);
          const root = levels.at(-1)?.[0] ?? assert.fail();
          const subtree = receiptSubtree(decoded);
          const leaf = hashLeaf(own);
          assert.ok(verifySubtreeInclusion(leaf, decoded.index, subtree, decoded.proof, root));
        });
      }),
    );
  });

  test('are not made of parts that do not fit each other', () => {
    const one = fc.sample(tokenEntry, 1)[0] ?? assert.fail();
    const sound = {
      keyId: new Uint8Array(4),
      firstIndex: 2,
      entries: [one, one],
      nodes: new Uint8Array(96),
      signature: new Uint8Array(64),
    };
    assert.equal(encodeSubtreeReceipts(sound).length, 2);
    const unsound = [
      { ...sound, firstIndex: 1 },
      { ...sound, firstIndex: 2 ** 48 },
      { ...sound, entries: [] },
      { ...sound, entries: [one, one, one] },
      { ...sound, nodes: new Uint8Array(95) },
      { ...sound, keyId: new Uint8Array(5) },
      { ...sound, signature: new Uint8Array(63) },
    ];
    for (const parts of unsound) {
      assert.throws(() => encodeSubtreeReceipts(parts), { code: 'receipt_malformed' });
    }
  });
});

describe('the time of an entry', () => {
  test('is read of exactly those entries that can be decoded, and is the same', () => {
    const mutated = fc
      .tuple(entry, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.boolean())
      .map(([sound, at, byte, cut]) => {
        const place = at % sound.length;
        return cut ? sound.slice(0, place) : sound.with(place % 46, byte);
      });
    fc.assert(
      fc.property(fc.oneof(entry, mutated), (one) => {
        let expected: number | undefined;
        try {
          const read = decodeLogEntry(one);
          expected = read.kind === 'token' ? read.issuedMs : read.atMs;
        } catch {
          assert.throws(() => entryTimeMs(one), { code: 'leaf_malformed' });
          return;
        }
        assert.equal(entryTimeMs(one), expected);
      }),
      { numRuns: 1000 },
    );
  });
});

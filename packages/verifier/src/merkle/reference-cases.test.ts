// The cases that every reader of a Merkle log must get right, one test a case, by name: numbers
// beyond 32 bits and trees by RFC 9162 §2.1. What whole sweeps show is in proofs.test.ts.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeHex } from '../bytes/hex.ts';
import { concatBytes } from '../bytes/join-bytes.ts';
import { parseCheckpoint } from '../note/checkpoint.ts';
import { parsePolicy } from '../policy/parse-policy.ts';
import { verify } from '../testing/refusal-table.ts';
import { AUDIENCE, segment, TestIssuer } from '../testing/test-issuer.ts';
import { EMPTY_ROOT, hashLeaf, hashNode } from './hash-node.ts';
import { naiveReader } from './naive-tree.ts';
import { hashRange, proveConsistency, proveInclusion } from './prove.ts';
import { ceilingPower, coveringPair, isSubtree, splitPoint } from './subtree.ts';
import { verifyConsistency, verifySubtreeConsistency } from './verify-consistency.ts';
import { verifyInclusion, verifySubtreeInclusion } from './verify-inclusion.ts';

const leaves = Array.from({ length: 130 }, (_, at) => hashLeaf(Uint8Array.of(at)));
const read = naiveReader(leaves);
const leaf = (at: number) => leaves[at] ?? EMPTY_ROOT;
const root = (size: number) => hashRange({ start: 0, end: size }, read);

describe('numbers', () => {
  it('sizes 2^31-1, 2^31, 2^32+5 and 2^53-1 split where they should', () => {
    assert.equal(splitPoint(2 ** 31 - 1), 2 ** 30);
    assert.equal(splitPoint(2 ** 31), 2 ** 30);
    assert.equal(splitPoint(2 ** 31 + 1), 2 ** 31);
    assert.equal(splitPoint(2 ** 32 + 5), 2 ** 32);
    assert.equal(splitPoint(2 ** 53 - 1), 2 ** 52);
  });

  it('powers of two are exact above 2^48, where logarithms are not', () => {
    for (let power = 2 ** 48; power <= 2 ** 52; power *= 2) {
      assert.deepEqual(
        [ceilingPower(power - 1), ceilingPower(power), ceilingPower(power + 1)],
        [power, power, power * 2],
      );
    }
  });

  it('subtrees beyond 32 bits are judged by all their bits', () => {
    assert.ok(isSubtree({ start: 2 ** 40, end: 2 ** 40 + 2 ** 20 }));
    assert.ok(!isSubtree({ start: 2 ** 40 + 2 ** 19, end: 2 ** 40 + 2 ** 19 + 2 ** 20 }));
    const [left, right] = coveringPair({ start: 2 ** 40 + 5, end: 2 ** 40 + 13 });
    assert.deepEqual([left.end, right.start, right.end], [2 ** 40 + 8, 2 ** 40 + 8, 2 ** 40 + 13]);
  });

  const sizes: Record<string, string> = {
    'a leading zero': '05',
    'a plus': '+5',
    'a minus': '-5',
    'a leading space': ' 5',
    'a trailing space': '5 ',
    'an exponent': '5e0',
    'a point': '5.0',
    'hexadecimal digits': '0x5',
    'digits that are not ASCII': '٥',
    nothing: '',
    '2^63': '9223372036854775808',
    '2^64-1': '18446744073709551615',
    '2^53': '9007199254740992',
  };
  for (const [what, size] of Object.entries(sizes)) {
    it(`a decimal with ${what} is refused as a tree size`, () => {
      const text = `log.example\n${size}\n${Buffer.alloc(32).toString('base64')}\n`;
      assert.throws(
        () => parseCheckpoint(text),
        ({ code }) => code === 'checkpoint_malformed' || code === 'number_out_of_range',
      );
    });
  }

  it('2^64-1 in JSON is refused, in policies and in tokens, not rounded', async () => {
    const issuer = new TestIssuer();
    const policy = JSON.stringify(issuer.policy());
    const huge = policy.replace(
      /"keyMaxAgeSeconds":\d+/,
      '"keyMaxAgeSeconds":18446744073709551615',
    );
    assert.notEqual(huge, policy);
    assert.throws(() => parsePolicy(huge), { code: 'policy_malformed' });
    for (const name of ['exp', 'iat', 'nbf']) {
      const [head = '', body = ''] = issuer.issue().split('.');
      const payload = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
      const text = JSON.stringify({ ...payload, [name]: 0 }).replace(
        `"${name}":0`,
        `"${name}":18446744073709551615`,
      );
      const token = issuer.sign(head, segment(text));
      await assert.rejects(verify({ token, context: { audience: AUDIENCE } }), { status: 401 });
    }
  });
});

describe('merkle', () => {
  it('the empty root is SHA-256 of nothing', () => {
    const nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    assert.equal(encodeHex(EMPTY_ROOT), nothing);
    assert.equal(encodeHex(hashRange({ start: 0, end: 0 }, read)), nothing);
  });

  it('the root of one leaf is its hash, and its proof is empty', () => {
    assert.deepEqual(root(1), leaf(0));
    assert.ok(verifyInclusion(leaf(0), 0, 1, [], leaf(0)));
    assert.ok(!verifyInclusion(leaf(0), 0, 1, [leaf(0)], leaf(0)));
  });

  it('sizes 2^k-1, 2^k and 2^k+1 have the roots of their definition', () => {
    const byDefinition = (from: number, to: number): Uint8Array => {
      if (to - from === 1) return leaf(from);
      let half = 1;
      while (half * 2 < to - from) half *= 2;
      return hashNode(byDefinition(from, from + half), byDefinition(from + half, to));
    };
    for (const power of [2, 4, 8, 16, 32, 64, 128]) {
      for (const size of [power - 1, power, power + 1]) {
        assert.deepEqual(root(size), byDefinition(0, size), String(size));
      }
    }
  });

  it('a tree splits at the largest power of two strictly below its size', () => {
    assert.deepEqual([2, 3, 4, 5, 7, 8, 9].map(splitPoint), [1, 2, 2, 4, 4, 4, 8]);
  });

  it('an odd last leaf rises alone: it is not doubled', () => {
    const pair = hashNode(leaf(0), leaf(1));
    assert.deepEqual(root(3), hashNode(pair, leaf(2)));
    const doubled = hashNode(pair, hashNode(leaf(2), leaf(2)));
    assert.notDeepEqual(root(3), doubled);
    assert.ok(!verifyInclusion(leaf(2), 3, 4, [leaf(2), pair], root(3)));
  });

  it('a leaf of 64 bytes that are two hashes does not pass for their node', () => {
    const entry = concatBytes(leaf(0), leaf(1));
    assert.notDeepEqual(hashLeaf(entry), hashNode(leaf(0), leaf(1)));
    const proof = proveInclusion(0, { start: 0, end: 4 }, read);
    assert.ok(verifyInclusion(leaf(0), 0, 4, proof, root(4)));
    assert.ok(!verifyInclusion(hashLeaf(entry), 0, 2, proof.slice(1), root(4)));
  });

  const spoilt: Record<string, (proof: Uint8Array[]) => Uint8Array[]> = {
    short: (proof) => proof.slice(0, -1),
    'short at its start': (proof) => proof.slice(1),
    empty: () => [],
    long: (proof) => [...proof, leaf(1)],
    'long at its start': (proof) => [leaf(1), ...proof],
    'of hashes of 31 bytes': (proof) => proof.with(0, new Uint8Array(31)),
    'of hashes of 33 bytes': (proof) => proof.with(0, concatBytes(leaf(1), Uint8Array.of(0))),
    'of an empty hash': (proof) => proof.with(0, new Uint8Array(0)),
    'with trailing garbage': (proof) => [...proof, Uint8Array.of(1, 2, 3)],
    'in reverse': (proof) => proof.toReversed(),
  };
  for (const [what, spoil] of Object.entries(spoilt)) {
    it(`a proof that is ${what} is refused`, () => {
      const inclusion = proveInclusion(70, { start: 0, end: 100 }, read);
      assert.ok(verifyInclusion(leaf(70), 70, 100, inclusion, root(100)));
      assert.ok(!verifyInclusion(leaf(70), 70, 100, spoil(inclusion), root(100)));
      const consistency = proveConsistency({ start: 0, end: 70 }, 100, read);
      assert.ok(verifyConsistency(70, 100, consistency, root(70), root(100)));
      assert.ok(!verifyConsistency(70, 100, spoil(consistency), root(70), root(100)));
      const subtree = { start: 64, end: 96 };
      const hash = hashRange(subtree, read);
      const part = proveConsistency(subtree, 100, read);
      assert.ok(verifySubtreeConsistency(subtree, 100, part, hash, root(100)));
      assert.ok(!verifySubtreeConsistency(subtree, 100, spoil(part), hash, root(100)));
    });
  }

  it('equal sizes with a proof are refused', () => {
    assert.ok(verifyConsistency(5, 5, [], root(5), root(5)));
    assert.ok(!verifyConsistency(5, 5, [leaf(0)], root(5), root(5)));
  });

  it('equal sizes with another root are refused', () => {
    assert.ok(!verifyConsistency(5, 5, [], root(5), root(6)));
  });

  it('0 to 0 needs the empty root on both sides', () => {
    assert.ok(verifyConsistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT));
    assert.ok(!verifyConsistency(0, 0, [], EMPTY_ROOT, root(1)));
    assert.ok(!verifyConsistency(0, 0, [], root(1), EMPTY_ROOT));
    assert.ok(!verifyConsistency(0, 0, [], root(1), root(1)));
  });

  it('0 to n proves nothing', () => {
    for (const proof of [[], [root(5)], [leaf(0)]]) {
      assert.ok(!verifyConsistency(0, 5, proof, EMPTY_ROOT, root(5)));
    }
  });

  it('an index at or past the size is refused', () => {
    const proof = proveInclusion(4, { start: 0, end: 5 }, read);
    for (const index of [5, 6, 2 ** 32 + 4, 2 ** 53]) {
      assert.ok(!verifyInclusion(leaf(4), index, 5, proof, root(5)));
    }
    assert.ok(!verifySubtreeInclusion(leaf(4), 8, { start: 4, end: 8 }, [], leaf(4)));
  });
});

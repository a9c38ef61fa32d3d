// The formats byte by byte, put together here a second time with nothing but a hash: what others who
// read the record have to agree with.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { rootFromInclusionPath } from '@countersign/verifier';
import fc from 'fast-check';
import {
  type AnchorEntry,
  formatAnchorEntry,
  hashAnchorEntry,
  parseAnchorEntry,
} from './anchor/anchor-entry.ts';
import { formatAnchorProof, parseAnchorProof } from './anchor/anchor-proof.ts';
import { buildAnchorTree } from './anchor/anchor-tree.ts';
import { extendHead, firstHead, nextHead } from './leaf/chain.ts';
import { hashEvent } from './leaf/hash-event.ts';
import {
  formatManifest,
  formatTombstone,
  hashManifest,
  manifestOf,
  parseManifest,
  parseTombstone,
  type SegmentManifest,
} from './segment/manifest.ts';
import { startSegment } from './segment/seal-segment.ts';
import { TestTrail } from './testing/test-trail.ts';

const sha256 = (...parts: (Uint8Array | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const byte = (value: number): Uint8Array => Uint8Array.of(value);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const salts = fc.uint8Array({ minLength: 16, maxLength: 16 });
const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('a leaf', () => {
  it('is the hash of a zero byte, the salt and the text in UTF-8, given as text or as bytes', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constant('é\u{1f511}'.repeat(20_000)),
    );
    fc.assert(
      fc.property(salts, texts, (salt, text) => {
        const expected = hex(sha256(byte(0), salt, Buffer.from(text, 'utf8')));
        assert.equal(hex(hashEvent(salt, text)), expected);
        assert.equal(hex(hashEvent(salt, Buffer.from(text, 'utf8'))), expected);
      }),
    );
  });

  it('has a salt of 16 bytes and no other', () => {
    for (const size of [0, 15, 17]) {
      assert.throws(() => hashEvent(new Uint8Array(size), '{}'), RangeError);
    }
  });
});

describe('a chain', () => {
  it('begins with the names of installation and tenant', () => {
    const expected = hex(sha256('countersign/trail/v1\nhouse-1\nacme'));
    assert.equal(hex(firstHead('house-1', 'acme')), expected);
    assert.notEqual(hex(firstHead('house-1', 'zeta')), expected);
  });

  it('goes on with the hash of a two, the head before and the leaf, one by one or many at once', () => {
    fc.assert(
      fc.property(fc.array(hashes, { maxLength: 20 }), (leaves) => {
        let head: Uint8Array = firstHead('house-1', 'acme');
        const begin = head;
        for (const leaf of leaves) {
          const expected = hex(sha256(byte(2), head, leaf));
          head = nextHead(head, leaf);
          assert.equal(hex(head), expected);
        }
        assert.equal(hex(extendHead(begin, Buffer.concat(leaves))), hex(head));
      }),
    );
  });
});

const MANIFEST: SegmentManifest = {
  ...{ v: 1, instance: 'house-1', tenant: 'acme', segment: 2, first: 5, last: 9 },
  ...{ root: 'aa'.repeat(32), headBefore: 'bb'.repeat(32), headAfter: 'cc'.repeat(32) },
  ...{ firstMs: 1, lastMs: 2, sealedMs: 3 },
};
const MANIFEST_TEXT = `{"first":5,"firstMs":1,"headAfter":"${'cc'.repeat(32)}","headBefore":"${'bb'.repeat(32)}","instance":"house-1","last":9,"lastMs":2,"root":"${'aa'.repeat(32)}","sealedMs":3,"segment":2,"tenant":"acme","v":1}`;

describe('a manifest', () => {
  it('is canonical JSON, and a leaf of the tree of segments', () => {
    assert.equal(formatManifest(MANIFEST), MANIFEST_TEXT);
    assert.deepEqual(parseManifest(MANIFEST_TEXT), MANIFEST);
    assert.equal(hex(hashManifest(MANIFEST)), hex(sha256(byte(0), MANIFEST_TEXT)));
  });

  it('in any other spelling, or with members too few, too many or unfit, is refused', () => {
    const wrong = [
      ` ${MANIFEST_TEXT}`,
      MANIFEST_TEXT.replace('"v":1', '"v":2'),
      MANIFEST_TEXT.replace('"v":1', '"v":1.0'),
      MANIFEST_TEXT.replace('"v":1', '"v":1,"w":1'),
      MANIFEST_TEXT.replace('"v":1', '"v":1,"v":1'),
      MANIFEST_TEXT.replace('"first":5,', ''),
      MANIFEST_TEXT.replace('"first":5', '"first":0'),
      MANIFEST_TEXT.replace('"first":5', '"first":10'),
      MANIFEST_TEXT.replace('"first":5', '"first":"5"'),
      MANIFEST_TEXT.replace('aaaa', 'AAAA'),
      MANIFEST_TEXT.replace('"acme"', '"ac me"'),
      MANIFEST_TEXT.replace('"acme"', '"\\u0061cme"'),
      '[]',
      'null',
      '',
    ];
    for (const text of wrong) {
      assert.throws(() => parseManifest(text), { code: 'trail_malformed' }, text);
    }
  });

  it('outlives its segment as a tombstone that says when and why', () => {
    const tombstone = { ...MANIFEST, deletedMs: 7, profile: 'csrb' };
    const text = formatTombstone(tombstone);
    assert.deepEqual(parseTombstone(text), tombstone);
    assert.deepEqual(manifestOf(tombstone), MANIFEST);
    assert.throws(() => parseManifest(text), { code: 'trail_malformed' });
    assert.throws(() => parseTombstone(MANIFEST_TEXT), { code: 'trail_malformed' });
  });

  it('is made of the leaves: root, heads, numbers and times', () => {
    const [a, b, c] = [1, 2, 3].map((fill) => new Uint8Array(32).fill(fill)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const headBefore = firstHead('house-1', 'acme');
    const seal = startSegment({
      ...{ instance: 'house-1', tenant: 'acme', segment: 1, first: 1, headBefore },
    });
    assert.throws(() => seal.seal(9), { code: 'trail_inconsistent' });
    seal.add(a, 30);
    seal.add(b, 10);
    seal.add(c, 20);
    const pair = sha256(byte(1), a, b);
    assert.deepEqual(seal.seal(99), {
      ...{ v: 1, instance: 'house-1', tenant: 'acme', segment: 1, first: 1, last: 3 },
      root: hex(sha256(byte(1), pair, c)),
      headBefore: hex(headBefore),
      headAfter: hex(extendHead(headBefore, Buffer.concat([a, b, c]))),
      ...{ firstMs: 10, lastMs: 30, sealedMs: 99 },
    });
  });
});

const entryOf = (tenant: string, anchor = 3): AnchorEntry => ({
  ...{ v: 1, anchor, tenant, count: 12, head: 'aa'.repeat(32), segments: 2 },
  ...{ segmentsRoot: 'bb'.repeat(32), salt: 'cc'.repeat(16) },
});
const ENTRY_TEXT = `{"anchor":3,"count":12,"head":"${'aa'.repeat(32)}","salt":"${'cc'.repeat(16)}","segments":2,"segmentsRoot":"${'bb'.repeat(32)}","tenant":"acme","v":1}`;

describe('an anchor', () => {
  it('has entries of canonical JSON, which are leaves of its tree', () => {
    assert.equal(formatAnchorEntry(entryOf('acme')), ENTRY_TEXT);
    assert.deepEqual(parseAnchorEntry(ENTRY_TEXT), entryOf('acme'));
    assert.equal(hex(hashAnchorEntry(entryOf('acme'))), hex(sha256(byte(0), ENTRY_TEXT)));
    assert.throws(() => parseAnchorEntry(`${ENTRY_TEXT} `), { code: 'trail_malformed' });
  });

  it('proves each tenant’s entry, sorted by name in whatever order they come', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z_]{1,8}$/), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(names, (tenants) => {
        const tree = buildAnchorTree(tenants.map((tenant) => entryOf(tenant)));
        const turned = buildAnchorTree(tenants.toReversed().map((tenant) => entryOf(tenant)));
        assert.equal(hex(turned.root), hex(tree.root));
        for (const [index, tenant] of [...tenants].sort().entries()) {
          const place = tree.prove(tenant);
          assert.deepEqual([place?.index, place?.size], [index, tenants.length]);
          const leaf = hashAnchorEntry(entryOf(tenant));
          const root = rootFromInclusionPath(leaf, index, tenants.length, place?.path ?? []);
          assert.equal(root && hex(root), hex(tree.root));
        }
        assert.equal(tree.prove('NOBODY'), undefined);
      }),
    );
  });

  it('holds one entry of each tenant and one number', () => {
    const code = 'trail_inconsistent';
    assert.throws(() => buildAnchorTree([]), { code });
    assert.throws(() => buildAnchorTree([entryOf('acme'), entryOf('acme')]), { code });
    assert.throws(() => buildAnchorTree([entryOf('acme', 1), entryOf('zeta', 2)]), { code });
  });

  it('has a proof that reads back as it was written, and in no other spelling', () => {
    const proof = new TestTrail().add(3).anchor();
    const text = formatAnchorProof(proof);
    assert.equal(formatAnchorProof(parseAnchorProof(text)), text);
    assert.deepEqual(parseAnchorProof(`${text}\n`).entry, proof.entry);
    const wrong = [
      text.replace('/v1"', '/v2"'),
      text.replace('"leaf":"', '"leaf":"='),
      text.replace('"index":', '"index":-'),
      text.replace('"size":', '"more":1,"size":'),
      text.replace('{"entry"', '{"covered":true,"entry"'),
      text.replace('"count":3', '"count":3.5'),
      '{}',
      'null',
      text.slice(1),
    ];
    for (const one of wrong) {
      assert.notEqual(one, text);
      assert.throws(() => parseAnchorProof(one), { code: 'trail_malformed' }, one);
    }
  });
});

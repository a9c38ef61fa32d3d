// Key entries byte by byte, put together here a second time by hand.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  decodeKeyEntry,
  decodeLogEntry,
  encodeKeyEntry,
  hashIssuer,
  type KeyEntry,
} from './key-entry.ts';
import { encodeLeafEntry } from './leaf-entry.ts';

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });
const entries: fc.Arbitrary<KeyEntry> = fc.record(
  {
    event: fc.constantFrom('published', 'activated', 'retired', 'revoked'),
    atMs: fc.maxSafeNat().map((value) => value % 2 ** 48),
    notAfterSeconds: fc.nat(2 ** 32 - 1),
    issuerHash: bytes(32),
    thumbprint: bytes(32),
    kid: fc.string({ unit: 'binary', minLength: 1, maxLength: 32 }),
  },
  { noNullPrototype: true },
);
const SOUND: KeyEntry = {
  event: 'published',
  atMs: 0x0102_0304_0506,
  notAfterSeconds: 0x0708_090a,
  issuerHash: new Uint8Array(32).fill(0xaa),
  thumbprint: new Uint8Array(32).fill(0xbb),
  kid: 'é1',
};

describe('a key entry', () => {
  it('is laid out as decided', () => {
    const expected = `0201${'010203040506'}${'0708090a'}${'aa'.repeat(32)}${'bb'.repeat(32)}03c3a931`;
    assert.equal(Buffer.from(encodeKeyEntry(SOUND)).toString('hex'), expected);
    const events = (['published', 'activated', 'retired', 'revoked'] as const).map(
      (event) => encodeKeyEntry({ ...SOUND, event })[1],
    );
    assert.deepEqual(events, [1, 2, 3, 4]);
  });

  it('names its issuer by the SHA-256 of the URL', () => {
    const issuer = 'https://id.example/acme/workforce';
    const expected = createHash('sha256').update(issuer).digest();
    assert.deepEqual(Buffer.from(hashIssuer(issuer)), expected);
  });

  it('decodes to what was encoded', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        const encoded = encodeKeyEntry(entry);
        assert.deepEqual(decodeKeyEntry(encoded), entry);
        assert.deepEqual(decodeLogEntry(encoded), { kind: 'key', ...entry });
      }),
    );
  });

  it('reads any bytes as an entry that encodes to themselves, or refuses them', () => {
    const near = entries.chain((entry) => {
      const sound = encodeKeyEntry(entry);
      return fc
        .record({ at: fc.nat(sound.length - 1), value: fc.nat(255), size: fc.nat(sound.length) })
        .map(({ at, value, size }) =>
          size % 2 === 0 ? sound.with(at, value) : sound.slice(0, size),
        );
    });
    fc.assert(
      fc.property(fc.oneof(near, fc.uint8Array({ maxLength: 220 })), (candidate) => {
        let read: KeyEntry;
        try {
          read = decodeKeyEntry(candidate);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'leaf_malformed');
          return;
        }
        assert.deepEqual(encodeKeyEntry(read), candidate);
      }),
      { numRuns: 1000 },
    );
  });

  it('of another version, event, size or spelling of its kid is refused', () => {
    const sound = encodeKeyEntry(SOUND);
    const bad = [
      sound.with(0, 1),
      sound.with(0, 3),
      sound.with(1, 0),
      sound.with(1, 5),
      sound.with(76, 2),
      sound.with(76, 4),
      sound.with(77, 0xff),
      Uint8Array.from([...sound, 0]),
      sound.slice(0, -1),
      sound.slice(0, 77).with(76, 0),
      new Uint8Array(0),
      Uint8Array.from([...sound.slice(0, 76), 129, ...new Uint8Array(129).fill(0x61)]),
    ];
    for (const broken of bad) {
      assert.throws(() => decodeKeyEntry(broken), { code: 'leaf_malformed' });
      assert.throws(() => decodeLogEntry(broken), { code: 'leaf_malformed' });
    }
  });

  it('is not made from what does not fit', () => {
    assert.equal(encodeKeyEntry({ ...SOUND, kid: 'k'.repeat(128) }).length, 205);
    for (const kid of ['', 'k'.repeat(129), 'é'.repeat(65), 'lone \ud800']) {
      assert.throws(() => encodeKeyEntry({ ...SOUND, kid }), { code: 'leaf_malformed' });
    }
    for (const wrong of [new Uint8Array(31), new Uint8Array(33)]) {
      const code = 'leaf_malformed';
      assert.throws(() => encodeKeyEntry({ ...SOUND, issuerHash: wrong }), { code });
      assert.throws(() => encodeKeyEntry({ ...SOUND, thumbprint: wrong }), { code });
    }
    for (const change of [{ atMs: 2 ** 48 }, { notAfterSeconds: 2 ** 32 }]) {
      assert.throws(() => encodeKeyEntry({ ...SOUND, ...change }), { code: 'number_out_of_range' });
    }
  });

  it('keeps a byte order mark in a kid, so that no two kids read alike', () => {
    const kid = '\ufeffkey';
    assert.equal(decodeKeyEntry(encodeKeyEntry({ ...SOUND, kid })).kid, kid);
  });
});

describe('an entry of the log', () => {
  it('of version 1 tells of a token', () => {
    const leaf = {
      type: 'access',
      issuedMs: 1,
      expiresAtSeconds: 2,
      commitment: new Uint8Array(32),
      tags: undefined,
    } as const;
    assert.deepEqual(decodeLogEntry(encodeLeafEntry(leaf)), { kind: 'token', ...leaf });
  });
});

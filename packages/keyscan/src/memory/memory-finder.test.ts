import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FindKind } from '../find.ts';
import { openScanner } from '../scan-stream.ts';
import { memoryFinder } from './memory-finder.ts';
import { parseFingerprints } from './parse-fingerprints.ts';

const KID = 'k'.repeat(43);
const LABEL = 'countersign/scanner-fingerprint/v1\n';
const reversed = (bytes: Uint8Array): Buffer => Buffer.from(bytes).reverse();

/** As decision 0014 says it, and nothing of what the scanner itself computes with. */
function fingerprint(name: string, secret: Uint8Array, kid = KID): Record<string, unknown> {
  const at = (secret.length - 32) / 2;
  const window = Buffer.from(secret).subarray(at, at + 32);
  let sum = 0;
  for (const byte of window) {
    const weight = createHash('sha256').update('countersign/scan/v1\n').update(Buffer.of(byte));
    sum = (sum + weight.digest().readUInt32BE()) % 2 ** 32;
  }
  const hash = (bytes: Uint8Array): string =>
    createHash('sha256')
      .update(LABEL)
      .update(kid)
      .update(bytes)
      .digest()
      .toString('base64url', 0, 16);
  const hashes = { forward: hash(window), reversed: hash(reversed(window)) };
  return { kid, secret: name, length: secret.length, at, sum: Math.floor(sum / 2 ** 16), hashes };
}
const fileOf = (...secrets: unknown[]): string => JSON.stringify({ version: 1, secrets });

interface Hit {
  at: number;
  length: number;
  kind: FindKind;
  what: string;
  kid: string | undefined;
}
function scan(file: string, bytes: Uint8Array, from = 0): Hit[] {
  const hits: Hit[] = [];
  memoryFinder(parseFingerprints(file)).scan(bytes, from, (at, length, kind, what, kid) =>
    hits.push({ at, length, kind, what, kid }),
  );
  return hits;
}

describe('a scan for live keys by fingerprint (C-11)', () => {
  it('finds each kind of secret at any offset, in both orders of its bytes, and says whose it is', () => {
    const kinds = [
      ['ec-scalar', 32, 'memory-ec'],
      ['ed25519-seed', 32, 'memory-ed25519'],
      ['ed25519-scalar', 32, 'memory-ed25519'],
      ['ed25519-prefix', 32, 'memory-ed25519'],
      ['rsa-prime', 128, 'memory-rsa'],
      ['rsa-prime', 192, 'memory-rsa'],
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.nat(4000), fc.boolean(), (kind, at, turned) => {
        const [name, length, expected] = kind;
        const secret = randomBytes(length);
        const bytes = randomBytes(at + length + 100);
        bytes.set(turned ? reversed(secret) : secret, at);
        const [hit, ...others] = scan(fileOf(fingerprint(name, secret)), bytes);
        assert.deepEqual(others, []);
        assert.deepEqual([hit?.at, hit?.length, hit?.kind, hit?.kid], [at, length, expected, KID]);
        assert.equal(/reverse/.test(hit?.what as string), turned);
      }),
    );
  });

  it('finds secrets at the first and the last byte, side by side, and as often as they are there', () => {
    const secrets = Array.from({ length: 5 }, () => randomBytes(32));
    const file = fileOf(...secrets.map((secret) => fingerprint('ec-scalar', secret)));
    const hits = scan(file, Buffer.concat([...secrets, ...secrets]));
    assert.deepEqual(
      hits.map(({ at }) => at),
      Array.from({ length: 10 }, (_, index) => index * 32),
    );
    assert.deepEqual(
      scan(file, Buffer.concat(secrets), 33).map(({ at }) => at),
      [64, 96, 128],
    );
  });

  it('finds secrets in the middle of zeros, wherever the zeros begin and end', () => {
    const secret = randomBytes(32);
    const file = fileOf(fingerprint('ec-scalar', secret));
    fc.assert(
      fc.property(fc.nat(9000), fc.nat(9000), fc.nat(60), (before, after, from) => {
        const bytes = Buffer.concat([Buffer.alloc(before + 60), secret, Buffer.alloc(after)]);
        assert.deepEqual(
          scan(file, bytes, from).map(({ at }) => at),
          [before + 60],
        );
      }),
      { numRuns: 300 },
    );
  });

  it('is not led astray by windows that have the same sum', () => {
    const secret = randomBytes(32);
    const shuffled = Buffer.concat([secret.subarray(16), secret.subarray(0, 16)]);
    const file = fileOf(fingerprint('ec-scalar', secret));
    assert.deepEqual(scan(file, shuffled), []);
    assert.equal(scan(file, Buffer.concat([shuffled, secret])).length, 1);
  });

  it('tells two keys apart whose secrets have one sum', () => {
    const secret = randomBytes(32);
    const other = Buffer.concat([secret.subarray(16), secret.subarray(0, 16)]);
    const file = fileOf(
      fingerprint('ec-scalar', secret),
      fingerprint('ec-scalar', other, 'o'.repeat(43)),
    );
    assert.deepEqual(
      scan(file, Buffer.concat([other, secret])).map(({ kid }) => kid),
      ['o'.repeat(43), KID],
    );
  });

  it('finds nothing in what holds none: random bytes, zeros, text, a secret with a bit changed', () => {
    const secrets = Array.from({ length: 40 }, () => randomBytes(32));
    const file = fileOf(...secrets.map((secret) => fingerprint('ed25519-seed', secret)));
    const nearly = Buffer.concat(secrets);
    for (let at = 7; at < nearly.length; at += 32) nearly[at] = (nearly[at] as number) ^ 1;
    const clean = [randomBytes(1 << 20), Buffer.alloc(1 << 20), Buffer.alloc(1 << 18, 'abcdefg')];
    assert.deepEqual(scan(file, Buffer.concat([...clean, nearly])), []);
  });

  it('reports no secret that is cut, and reads no byte that is not there', () => {
    const prime = randomBytes(128);
    const file = fileOf(fingerprint('rsa-prime', prime));
    for (let length = 0; length < 128; length += 1) {
      assert.deepEqual(scan(file, prime.subarray(0, length)), []);
      assert.deepEqual(scan(file, prime.subarray(128 - length)), []);
    }
  });

  it('finds secrets across the borders of chunks, once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), (sizes) => {
        const [prime, seed] = [randomBytes(128), randomBytes(32)];
        const file = fileOf(fingerprint('rsa-prime', prime), fingerprint('ed25519-seed', seed));
        const stream = Buffer.concat([randomBytes(500), prime, randomBytes(77), seed, seed, prime]);
        const finders = [memoryFinder(parseFingerprints(file))];
        const scanner = openScanner({ finders, blockBytes: 64 });
        const finds = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = sizes[turn % sizes.length] as number;
          finds.push(...scanner.push(stream.subarray(at, at + size)));
          at += size;
        }
        finds.push(...scanner.end());
        assert.deepEqual(
          finds.map(({ offset, length }) => [offset, length]),
          [
            [500, 128],
            [705, 32],
            [737, 32],
            [769, 128],
          ],
        );
      }),
    );
  });

  it('has nothing to find in a file of no fingerprints', () => {
    assert.deepEqual(scan(fileOf(), randomBytes(1000)), []);
  });
});

describe('a file of fingerprints', () => {
  const good = fingerprint('ec-scalar', randomBytes(32));
  const refused = (text: string): void => {
    assert.throws(() => parseFingerprints(text), { code: 'fingerprints_malformed' });
  };

  it('gives two fingerprints a secret, one an order of bytes', () => {
    const parsed = parseFingerprints(fileOf(good));
    assert.deepEqual(
      [parsed.length, parsed[0]?.sum, parsed[1]?.sum],
      [2, good['sum'], good['sum']],
    );
  });

  it('is refused when anything in it is not as it should be', () => {
    for (const text of ['', '[]', 'null', '{}', '{"version":1}', fileOf(null), fileOf([])])
      refused(text);
    refused(JSON.stringify({ version: 2, secrets: [] }));
    refused(JSON.stringify({ version: 1, secrets: {} }));
    refused(JSON.stringify({ version: 1, secrets: [], more: 1 }));
    refused(fileOf(good).replace('"sum"', '"sum":1,"sum"'));
    const wrongs = {
      kid: ['', 5, 'k'.repeat(42), `${'k'.repeat(42)}!`],
      secret: ['', 'toString', 'dsa', 1],
      length: [31, 513, 32.5, '32', null],
      at: [-1, 1, '0'],
      sum: [-1, 65_536, 0.5, '1'],
      hashes: [[], {}, { forward: 'AA' }, { ...(good['hashes'] as object), forward: 'AA' }],
    };
    for (const [name, values] of Object.entries(wrongs)) {
      for (const value of values) refused(fileOf({ ...good, [name]: value }));
      const { [name]: _, ...without } = good;
      refused(fileOf(without));
    }
    refused(fileOf({ ...good, hashes: { forward: '!'.repeat(22), reversed: 'A'.repeat(22) } }));
  });

  it('is refused for anything else', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => refused(JSON.stringify(value))));
  });
});

import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { publicKeyFinder } from './public-key-finder.ts';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicOf = (key: KeyObject, kid: string) => ({ ...key.export({ format: 'jwk' }), kid });
const KEYS = [
  publicOf(ec.publicKey, 'ec'),
  publicOf(ed.publicKey, 'ed'),
  publicOf(rsa.publicKey, 'rsa'),
];
const jwks = (keys: unknown): string => JSON.stringify({ keys });
const secret = (key: KeyObject, member: 'd' | 'p' | 'q'): Buffer =>
  Buffer.from(key.export({ format: 'jwk' })[member] as string, 'base64url');
const reversed = (bytes: Uint8Array): Buffer => Buffer.from(bytes).reverse();

function scan(keys: unknown, bytes: Uint8Array, from = 0): unknown[] {
  const hits: unknown[] = [];
  publicKeyFinder(jwks(keys)).scan(bytes, from, (at, length, kind, _, kid) =>
    hits.push([at, length, kind, kid]),
  );
  return hits;
}

describe('a scan for private keys from their public halves (C-11)', () => {
  it('finds scalars and primes in both orders of bytes, and seeds, and says whose they are', () => {
    const scalar = secret(ec.privateKey, 'd');
    const [p, q] = [secret(rsa.privateKey, 'p'), secret(rsa.privateKey, 'q')];
    const seed = secret(ed.privateKey, 'd');
    const between = Buffer.alloc(40, 'text');
    const parts = [scalar, reversed(scalar), seed, p, reversed(p), q, reversed(q)];
    const memory = Buffer.concat(parts.flatMap((part) => [between, part]));
    assert.deepEqual(scan(KEYS, memory), [
      [40, 32, 'memory-ec', 'ec'],
      [112, 32, 'memory-ec', 'ec'],
      [184, 32, 'memory-ed25519', 'ed'],
      [256, 128, 'memory-rsa', 'rsa'],
      [424, 128, 'memory-rsa', 'rsa'],
      [592, 128, 'memory-rsa', 'rsa'],
      [760, 128, 'memory-rsa', 'rsa'],
    ]);
    assert.deepEqual(scan(KEYS, memory, 257).length, 3);
  });

  it('finds the keys it was given and no others, in bytes of every value', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const memory = Buffer.concat([
      ...[Buffer.alloc(64, 255), Buffer.alloc(64), randomBytes(4000)],
      ...[secret(other.privateKey, 'd'), secret(ec.privateKey, 'd')],
    ]);
    assert.deepEqual(scan(KEYS, memory), [[4160, 32, 'memory-ec', 'ec']]);
    assert.deepEqual(scan([], memory), []);
  });

  it('reports no secret that is cut', () => {
    const p = secret(rsa.privateKey, 'p');
    assert.deepEqual(scan(KEYS, p.subarray(0, 127)), []);
    assert.deepEqual(scan(KEYS, secret(ec.privateKey, 'd').subarray(0, 31)), []);
  });
});

describe('a key set to look for', () => {
  it('is refused when a key in it would not be looked for', () => {
    const refused = (text: string): void => {
      assert.throws(() => publicKeyFinder(text), { code: 'jwks_malformed' });
    };
    for (const text of ['', '[]', 'null', '{}', '{"keys":{}}', jwks([null])]) refused(text);
    const [ecKey, edKey, rsaKey] = KEYS;
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
    const wrongs = [
      publicOf(p384, 'p384'),
      { kty: 'oct', k: 'AAAA', kid: 'oct' },
      { ...ecKey, kid: undefined },
      { ...ecKey, kid: 7 },
      { ...ecKey, kid: 'k'.repeat(257) },
      { ...ecKey, y: undefined },
      { ...ecKey, x: 'AA' },
      { ...edKey, x: '!' },
      { ...rsaKey, n: 'AQAB' },
      { ...rsaKey, n: 5 },
    ];
    for (const wrong of wrongs) refused(jwks([ecKey, wrong]));
  });
});

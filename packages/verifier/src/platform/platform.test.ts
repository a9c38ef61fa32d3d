// Both platforms must give the same verdicts; here they are run side by side in one process.

import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SignatureAlgorithm } from '../ports.ts';
import { ecdsaToDer } from './ecdsa-der.ts';
import * as onNode from './node.ts';
import { sha256Portable } from './sha256-portable.ts';
import type { VerificationKey } from './verification-key.ts';
import * as onWeb from './web.ts';

const ALGORITHMS: SignatureAlgorithm[] = ['ES256', 'EdDSA', 'RS256'];
const PAIRS = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

function signWith(alg: SignatureAlgorithm, data: Uint8Array): Uint8Array {
  const key = { key: PAIRS[alg].privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return sign(alg === 'EdDSA' ? null : 'sha256', data, key);
}

function jwkOf(key: KeyObject): JsonWebKey {
  return key.export({ format: 'jwk' });
}

async function verdicts(alg: SignatureAlgorithm, data: Uint8Array, signature: Uint8Array) {
  const jwk = jwkOf(PAIRS[alg].publicKey);
  const keys: [typeof onNode | typeof onWeb, VerificationKey][] = [
    [onNode, await onNode.importPublicJwk(jwk, alg)],
    [onWeb, await onWeb.importPublicJwk(jwk, alg)],
  ];
  return Promise.all(keys.map(([on, key]) => on.verifySignature(key, data, signature)));
}

test('our SHA-256 is SHA-256 at every length around its blocks and for any bytes', () => {
  const expected = (bytes: Uint8Array) =>
    Uint8Array.from(createHash('sha256').update(bytes).digest());
  for (let size = 0; size <= 200; size += 1) {
    const bytes = new Uint8Array(size).fill(size);
    assert.deepEqual(sha256Portable(bytes), expected(bytes));
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1000 }), (bytes) => {
      assert.deepEqual(sha256Portable(bytes), expected(bytes));
      assert.deepEqual(onNode.sha256(bytes), expected(bytes));
    }),
  );
});

test('the cache key of a text is the same on both platforms', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.equal(onWeb.sha256Key(text), onNode.sha256Key(text));
      assert.equal(onWeb.sha256Key(text).length, 32);
    }),
  );
});

test('both platforms accept a good signature and refuse a changed one', async () => {
  const data = new TextEncoder().encode('header.payload');
  for (const alg of ALGORITHMS) {
    const signature = signWith(alg, data);
    assert.deepEqual(await verdicts(alg, data, signature), [true, true], alg);
    assert.deepEqual(await verdicts(alg, data.subarray(1), signature), [false, false], alg);
    for (const at of [0, 31, 32, signature.length - 1]) {
      const mutated = signature.slice();
      mutated[at] = (mutated[at] ?? 0) ^ 1;
      assert.deepEqual(await verdicts(alg, data, mutated), [false, false], `${alg} byte ${at}`);
    }
  }
});

test('both platforms refuse signatures of a wrong size, and DER where JOSE is wanted', async () => {
  const data = new Uint8Array(10);
  for (const alg of ALGORITHMS) {
    const good = signWith(alg, data);
    for (const bad of [new Uint8Array(), good.slice(0, -1), Buffer.concat([good, good])]) {
      assert.deepEqual(await verdicts(alg, data, bad), [false, false], alg);
    }
  }
  const der = sign('sha256', data, PAIRS.ES256.privateKey);
  assert.deepEqual(await verdicts('ES256', data, der), [false, false]);
  const zeroes = new Uint8Array(64);
  assert.deepEqual(await verdicts('ES256', data, zeroes), [false, false]);
  assert.deepEqual(await verdicts('EdDSA', data, zeroes), [false, false]);
});

test('many ECDSA signatures survive the way into DER', async () => {
  const key = await onNode.importPublicJwk(jwkOf(PAIRS.ES256.publicKey), 'ES256');
  for (let count = 0; count < 300; count += 1) {
    const data = Uint8Array.of(count, count >> 8);
    assert.equal(await onNode.verifySignature(key, data, signWith('ES256', data)), true);
  }
});

test('DER drops leading zeroes and keeps numbers positive', () => {
  const signature = new Uint8Array(64);
  signature[31] = 0x80;
  signature[63] = 0x01;
  assert.deepEqual(ecdsaToDer(signature), Buffer.of(0x30, 7, 2, 2, 0, 0x80, 2, 1, 1));
  assert.deepEqual(ecdsaToDer(new Uint8Array(64)), Buffer.of(0x30, 6, 2, 1, 0, 2, 1, 0));
  assert.equal(ecdsaToDer(new Uint8Array(63)), undefined);
});

test('no platform imports a key that is private, weak, or of another algorithm', async () => {
  const ec = jwkOf(PAIRS.ES256.publicKey);
  const rsa = jwkOf(PAIRS.RS256.publicKey);
  const okp = jwkOf(PAIRS.EdDSA.publicKey);
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const refused: [JsonWebKey, SignatureAlgorithm][] = [
    [jwkOf(PAIRS.ES256.privateKey), 'ES256'],
    [jwkOf(PAIRS.RS256.privateKey), 'RS256'],
    [{ kty: 'oct', k: 'AAAA' }, 'ES256'],
    [ec, 'EdDSA'],
    [ec, 'RS256'],
    [rsa, 'ES256'],
    [okp, 'ES256'],
    [{ ...ec, crv: 'P-384' }, 'ES256'],
    [{ ...ec, x: 'AA' }, 'ES256'],
    [{ ...ec, y: ec.x }, 'ES256'],
    [{ ...okp, crv: 'Ed448' }, 'EdDSA'],
    [{ ...okp, x: `${okp.x}A` }, 'EdDSA'],
    [jwkOf(weak.publicKey), 'RS256'],
    [{ ...rsa, e: 'AQ' }, 'RS256'],
    [{ ...rsa, e: 'AgAA' }, 'RS256'],
    [{ ...rsa, n: `AA${rsa.n}` }, 'RS256'],
    [{ kty: 'RSA' }, 'RS256'],
  ];
  for (const [jwk, alg] of refused) {
    for (const { importPublicJwk } of [onNode, onWeb]) {
      const attempt = async () => importPublicJwk(jwk, alg);
      await assert.rejects(attempt, { code: 'key_malformed' }, JSON.stringify(jwk));
    }
  }
});

test('a text is read from base64url only as UTF-8 in its one spelling, on both platforms', () => {
  const spell = (bytes: Uint8Array | string) => Buffer.from(bytes as string).toString('base64url');
  for (const { decodeBase64urlText } of [onNode, onWeb]) {
    for (const text of ['', 'plain', 'é€😀', '\u{feff}mark', 'real \ufffd', 'x'.repeat(40_000)]) {
      assert.equal(decodeBase64urlText(spell(text)), text);
    }
    for (const bad of [
      Uint8Array.of(0xff),
      Uint8Array.of(0xed, 0xa0, 0x80),
      Uint8Array.of(0xc0, 0x80),
    ]) {
      assert.throws(() => decodeBase64urlText(spell(bad)), TypeError);
    }
    for (const bad of ['A', 'AB', 'AA==', 'A A', 'a+b/', 'é']) {
      assert.equal(decodeBase64urlText(bad), undefined);
    }
  }
});

test('a text of any length is verified like its bytes', async () => {
  const jwk = jwkOf(PAIRS.EdDSA.publicKey);
  for (const text of ['a.b', 'x'.repeat(16_384), 'x'.repeat(16_385), 'x'.repeat(100_000)]) {
    const signature = signWith('EdDSA', Buffer.from(text));
    for (const { importPublicJwk, verifySignatureOfText } of [onNode, onWeb]) {
      const key = await importPublicJwk(jwk, 'EdDSA');
      assert.equal(await verifySignatureOfText(key, text, signature), true);
      assert.equal(await verifySignatureOfText(key, `${text}x`, signature), false);
    }
  }
});

test('the two platforms export the same names', () => {
  assert.deepEqual(Object.keys(onWeb).sort(), Object.keys(onNode).sort());
  assert.deepEqual([onNode.platformName, onWeb.platformName], ['node', 'web']);
});

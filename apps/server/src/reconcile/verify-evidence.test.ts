import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import type { PublicKeyRecord, SignatureAlg, SignerClient } from '@countersign/keys';
import { createEvidenceCheck } from './verify-evidence.ts';

const ISSUER = 'https://id.example/acme/workforce';

function keyPair(alg: SignatureAlg) {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return alg === 'EdDSA'
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('rsa', { modulusLength: 2048 });
}

const pairs = { ES256: keyPair('ES256'), EdDSA: keyPair('EdDSA'), RS256: keyPair('RS256') };

const records = Object.entries(pairs).map(([alg, { publicKey }]) => ({
  kid: `kid-${alg}`,
  alg,
  scope: { issuer: ISSUER },
  publicJwk: publicKey.export({ format: 'jwk' }),
})) as unknown as PublicKeyRecord[];

const check = createEvidenceCheck({ listKeys: async () => records } as unknown as SignerClient);
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function token(alg: SignatureAlg, key: KeyObject, header: object = {}): string {
  const input = `${encode({ alg, kid: `kid-${alg}`, typ: 'at+jwt', ...header })}.${encode({ jti: 'j', aud: 'a', sub: 's', client_id: 'c', root_auth_id: 'r' })}`;
  const data = Buffer.from(input);
  const signature =
    alg === 'ES256'
      ? sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })
      : sign(alg === 'RS256' ? 'sha256' : null, data, key);
  return `${input}.${signature.toString('base64url')}`;
}

describe('evidence of a forgery', () => {
  for (const alg of ['ES256', 'EdDSA', 'RS256'] as const) {
    it(`is believed when an ${alg} key of ours made the signature`, async () => {
      const verdict = await check(token(alg, pairs[alg].privateKey));
      assert.equal(verdict.signatureValid, true);
      assert.equal(verdict.issuer, ISSUER);
      assert.equal(verdict.kid, `kid-${alg}`);
      assert.deepEqual(verdict.audience, ['a']);
      assert.equal(verdict.rootAuthId, 'r');
    });
  }

  it('is not believed from a stranger, so that nobody without the key raises the alarm', async () => {
    for (const alg of ['ES256', 'EdDSA', 'RS256'] as const) {
      assert.deepEqual(await check(token(alg, keyPair(alg).privateKey)), { signatureValid: false });
    }
  });

  it('is not believed under an unknown kid or another algorithm than the key has', async () => {
    const { privateKey } = pairs.ES256;
    assert.equal((await check(token('ES256', privateKey, { kid: 'other' }))).signatureValid, false);
    assert.equal((await check(token('ES256', privateKey, { alg: 'RS256' }))).signatureValid, false);
    assert.equal((await check(token('ES256', privateKey, { alg: 'none' }))).signatureValid, false);
  });

  it('is not believed when it is not a token at all, and never throws', async () => {
    const good = token('ES256', pairs.ES256.privateKey);
    for (const bad of [
      '',
      '.',
      '..',
      'a.b.c',
      good.slice(0, -4),
      `${good}.x`,
      `${good}=`,
      `e30.e30.e30`,
      `bnVsbA.bnVsbA.AA`,
    ]) {
      assert.deepEqual(await check(bad), { signatureValid: false }, bad.slice(0, 20));
    }
  });

  it('cannot be judged while the signer cannot say which keys there are', async () => {
    const away = createEvidenceCheck({
      listKeys: async () => Promise.reject(new Error('away')),
    } as unknown as SignerClient);
    await assert.rejects(away(token('ES256', pairs.ES256.privateKey)), /away/);
  });
});

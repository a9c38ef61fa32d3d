import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ReplayHook } from '../ports.ts';
import type { ProofRules } from './check-proof.ts';
import { checkSenderBinding, type SenderBinding } from './check-sender-binding.ts';
import { keyThumbprint } from './key-thumbprint.ts';
import { ReplayMemory } from './remember-proofs.ts';

const NOW_MS = 1_800_000_000_000;
const TOKEN = 'header.payload.signature';
const URL_OF_REQUEST = 'https://api.example/mail?folder=1#top';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwkOf = (key: KeyObject) => key.export({ format: 'jwk' });
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

interface ProofParts {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  key: KeyObject;
}

function parts(
  pair: { publicKey: KeyObject; privateKey: KeyObject } = ec,
  alg = 'ES256',
): ProofParts {
  return {
    header: { typ: 'dpop+jwt', alg, jwk: jwkOf(pair.publicKey) },
    claims: {
      jti: 'an-id',
      htm: 'GET',
      htu: 'https://api.example/mail',
      iat: NOW_MS / 1000,
      ath: createHash('sha256').update(TOKEN).digest('base64url'),
    },
    key: pair.privateKey,
  };
}

function seal({ header, claims, key }: ProofParts): string {
  const input = `${part(header)}.${part(claims)}`;
  const digest = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const signature = sign(digest, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

function binding(proof: string | undefined, changed: Partial<SenderBinding> = {}): SenderBinding {
  return {
    confirmation: { jkt: keyThumbprint({ ...jwkOf(ec.publicKey) }) },
    accessToken: TOKEN,
    http: { method: 'GET', url: URL_OF_REQUEST, scheme: 'DPoP', dpopProof: proof },
    nowMs: NOW_MS,
    rules: rules(),
    ...changed,
  };
}

function rules(changed: Partial<ProofRules> = {}): ProofRules {
  return { replay: new ReplayMemory({ clock: { nowMs: () => NOW_MS } }), ...changed };
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
  return 'accepted';
}

const judge = (proof: string | undefined, changed: Partial<SenderBinding> = {}) =>
  refusal(checkSenderBinding(binding(proof, changed)));

describe('a token bound to a key', () => {
  it('is accepted with a proof of that key for this request', async () => {
    for (const [pair, alg] of [
      [ec, 'ES256'],
      [ed, 'EdDSA'],
      [rsa, 'RS256'],
    ] as const) {
      const jkt = keyThumbprint({ ...jwkOf(pair.publicKey) });
      const proof = seal(parts(pair, alg));
      assert.equal(await checkSenderBinding(binding(proof, { confirmation: { jkt } })), jkt, alg);
    }
  });

  it('is refused as a bearer token, with or without a proof beside it', async () => {
    const http = { method: 'GET', url: URL_OF_REQUEST, scheme: 'Bearer' as const };
    const proof = seal(parts());
    assert.equal(await judge(undefined, { http }), 'dpop_missing');
    assert.equal(await judge(undefined, { http: { ...http, dpopProof: proof } }), 'dpop_missing');
  });

  it('is refused without a proof, and when nobody says how it came', async () => {
    assert.equal(await judge(undefined), 'dpop_missing');
    assert.equal(await judge(undefined, { http: undefined }), 'dpop_missing');
  });

  it('is refused with a proof by another key, even one that names its thumbprint', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    assert.equal(await judge(seal(parts(other))), 'dpop_mismatch');
    const stolenJwk = { ...parts(), key: other.privateKey };
    assert.equal(await judge(seal(stolenJwk)), 'dpop_mismatch');
  });

  it('is refused when its confirmation is not exactly one thumbprint', async () => {
    const jkt = keyThumbprint({ ...jwkOf(ec.publicKey) });
    for (const confirmation of [
      null,
      {},
      [],
      'jkt',
      { jkt: 7 },
      { jkt: 'short' },
      { jkt, x5t: 'a' },
    ]) {
      assert.equal(await judge(seal(parts()), { confirmation }), 'claim_malformed');
    }
  });
});

describe('a plain bearer token', () => {
  it('needs no proof', async () => {
    const http = { method: 'GET', url: URL_OF_REQUEST, scheme: 'Bearer' as const };
    assert.equal(await judge(undefined, { confirmation: undefined, http }), 'accepted');
    assert.equal(await judge(undefined, { confirmation: undefined, http: undefined }), 'accepted');
  });

  it('is refused under the DPoP scheme, because nothing binds it', async () => {
    assert.equal(await judge(seal(parts()), { confirmation: undefined }), 'dpop_mismatch');
  });
});

describe('a DPoP proof', () => {
  const headerFaults: Record<string, Record<string, unknown>> = {
    'another typ': { typ: 'JWT' },
    'no typ': { typ: undefined },
    'alg none': { alg: 'none' },
    'a symmetric alg': { alg: 'HS256' },
    'the alg of another key type': { alg: 'EdDSA' },
    'no jwk': { jwk: undefined },
    'a jwk that is an array': { jwk: [] },
    'a private jwk': { jwk: jwkOf(ec.privateKey) },
    'a symmetric jwk': { jwk: { kty: 'oct', k: 'AAAA' } },
    'a crit header': { crit: ['exp'] },
    'a jku header': { jku: 'https://evil.example' },
    'a kid header': { kid: 'k1' },
  };
  for (const [name, fault] of Object.entries(headerFaults)) {
    it(`is refused with ${name}`, async () => {
      const proof = parts();
      const code = await judge(seal({ ...proof, header: { ...proof.header, ...fault } }));
      // A foreign jwk is a mismatch before it is malformed; never is it accepted.
      assert.match(code, /^dpop_(malformed|mismatch)$/);
    });
  }

  const claimFaults: Record<string, [Record<string, unknown>, string]> = {
    'no jti': [{ jti: undefined }, 'dpop_malformed'],
    'an empty jti': [{ jti: '' }, 'dpop_malformed'],
    'a huge jti': [{ jti: 'a'.repeat(257) }, 'dpop_malformed'],
    'a jti that is a number': [{ jti: 7 }, 'dpop_malformed'],
    'another method': [{ htm: 'POST' }, 'dpop_mismatch'],
    'a method in another case': [{ htm: 'get' }, 'dpop_mismatch'],
    'no method': [{ htm: undefined }, 'dpop_mismatch'],
    'another path': [{ htu: 'https://api.example/mail/' }, 'dpop_mismatch'],
    'another host': [{ htu: 'https://api.example.evil/mail' }, 'dpop_mismatch'],
    'another scheme': [{ htu: 'http://api.example/mail' }, 'dpop_mismatch'],
    'another port': [{ htu: 'https://api.example:444/mail' }, 'dpop_mismatch'],
    'a relative URL': [{ htu: '/mail' }, 'dpop_mismatch'],
    'credentials in the URL': [{ htu: 'https://a:b@api.example/mail' }, 'dpop_mismatch'],
    'no URL': [{ htu: undefined }, 'dpop_mismatch'],
    'no iat': [{ iat: undefined }, 'dpop_malformed'],
    'an iat that is text': [{ iat: String(NOW_MS / 1000) }, 'dpop_malformed'],
    'an iat in milliseconds': [{ iat: NOW_MS }, 'dpop_expired'],
    'an old iat': [{ iat: NOW_MS / 1000 - 61 }, 'dpop_expired'],
    'a future iat': [{ iat: NOW_MS / 1000 + 11 }, 'dpop_expired'],
    'no ath': [{ ath: undefined }, 'dpop_mismatch'],
    'the ath of another token': [
      { ath: createHash('sha256').update('other').digest('base64url') },
      'dpop_mismatch',
    ],
    'an ath that is not canonical': [
      { ath: `${createHash('sha256').update(TOKEN).digest('base64url')}=` },
      'dpop_mismatch',
    ],
  };
  for (const [name, [fault, expected]] of Object.entries(claimFaults)) {
    it(`is refused with ${name}`, async () => {
      const proof = parts();
      const code = await judge(seal({ ...proof, claims: { ...proof.claims, ...fault } }));
      assert.equal(code, expected);
    });
  }

  it('is accepted at both ends of its window', async () => {
    for (const age of [60, 0, -10]) {
      const proof = parts();
      proof.claims.iat = NOW_MS / 1000 - age;
      assert.equal(await judge(seal(proof)), 'accepted', `${age} s old`);
    }
  });

  it('is accepted for any spelling of the same URL', async () => {
    for (const htu of [
      'HTTPS://API.EXAMPLE/mail',
      'https://api.example:443/mail',
      'https://api.example/mail?other=query',
      'https://api.example/./inbox/../mail',
      'https://api.example/%6dail',
    ]) {
      const proof = parts();
      proof.claims.htu = htu;
      assert.equal(await judge(seal(proof)), 'accepted', htu);
    }
  });

  it('is refused the second time, and the third', async () => {
    const proof = seal(parts());
    const shared = { rules: rules() };
    assert.equal(await judge(proof, shared), 'accepted');
    assert.equal(await judge(proof, shared), 'dpop_replayed');
    const signedAnew = seal(parts());
    assert.notEqual(signedAnew, proof);
    assert.equal(await judge(signedAnew, shared), 'dpop_replayed', 'the id counts, not the text');
  });

  it('is refused when its use cannot be remembered', async () => {
    const full: ReplayHook = { record: () => 'full' };
    assert.equal(
      await judge(seal(parts()), { rules: rules({ replay: full }) }),
      'replay_store_full',
    );
    const odd = { record: () => 'unheard of' } as unknown as ReplayHook;
    assert.equal(
      await judge(seal(parts()), { rules: rules({ replay: odd }) }),
      'replay_store_full',
    );
  });

  it('uses up no memory when it is refused for another reason', async () => {
    let recorded = 0;
    const counting: ReplayHook = {
      record: () => {
        recorded += 1;
        return 'first';
      },
    };
    const proof = parts();
    const bad = seal({
      ...proof,
      key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    });
    assert.equal(await judge(bad, { rules: rules({ replay: counting }) }), 'dpop_mismatch');
    assert.equal(recorded, 0);
  });

  it('is asked for a nonce by the hook, and accepted with it', async () => {
    const hook = { rules: rules({ nonce: (nonce) => nonce === 'n1' }) };
    const proof = parts();
    assert.equal(await judge(seal(proof), hook), 'dpop_nonce_required');
    const claims = { ...proof.claims, nonce: 'n1' };
    assert.equal(await judge(seal({ ...proof, claims }), hook), 'accepted');
    const odd = { ...proof.claims, nonce: 7 };
    assert.equal(await judge(seal({ ...proof, claims: odd }), hook), 'dpop_nonce_required');
  });

  it('is refused when its alg is not on the list', async () => {
    const only = { rules: rules({ algorithms: ['EdDSA'] }) };
    assert.equal(await judge(seal(parts()), only), 'dpop_malformed');
  });

  it('is refused when it is not a compact JWS in canonical base64url', async () => {
    const proof = seal(parts());
    const [head = '', body = '', mark = ''] = proof.split('.');
    for (const wrong of [
      '',
      '.',
      '..',
      `${head}.${body}`,
      `${head}.${body}.`,
      `${proof}.`,
      `${proof}=`,
      ` ${proof}`,
      `${proof},${proof}`,
      `${head}=.${body}.${mark}`,
      `${head}.W10.${mark}`,
      `${head}.bnVsbA.${mark}`,
      `${head}.e30.${mark}`,
      'a'.repeat(8_193),
    ]) {
      assert.match(await judge(wrong), /^dpop_(malformed|mismatch)$/, wrong.slice(0, 40));
    }
  });

  it('is refused when a member is named twice', async () => {
    const proof = parts();
    const twice = (value: unknown) => JSON.stringify(value).replace('{', '{"jti":"x","htm":"GET",');
    const body = Buffer.from(twice(proof.claims)).toString('base64url');
    const input = `${part(proof.header)}.${body}`;
    const mark = sign('sha256', Buffer.from(input), { key: proof.key, dsaEncoding: 'ieee-p1363' });
    assert.equal(await judge(`${input}.${mark.toString('base64url')}`), 'dpop_malformed');
  });

  it('is refused with any one character changed', async () => {
    const proof = seal(parts());
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: proof.length - 1 }),
        fc.constantFrom(...'AQgw-_.=9 '),
        async (at, put) => {
          fc.pre(proof[at] !== put);
          assert.notEqual(await judge(proof.slice(0, at) + put + proof.slice(at + 1)), 'accepted');
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a key thumbprint', () => {
  it('is that of RFC 7638 section 3.1', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP' +
      'ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY' +
      '368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f' +
      'M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
    const jwk = { kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' };
    assert.equal(keyThumbprint(jwk), 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
  });

  it('does not exist for a key of unknown type or with a member missing', () => {
    assert.equal(keyThumbprint({ kty: 'oct', k: 'a' }), undefined);
    assert.equal(keyThumbprint({ kty: 'EC', crv: 'P-256', x: 'a' }), undefined);
    assert.equal(keyThumbprint({ kty: 7 }), undefined);
    assert.equal(keyThumbprint({}), undefined);
  });
});

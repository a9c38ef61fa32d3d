import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKeySet } from './parse-key-set.ts';

const EC = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'k1', alg: 'ES256', iss: 'https://a' };

function parse(set: unknown, maxKeys = 32) {
  const text = typeof set === 'string' ? set : JSON.stringify(set);
  return parseKeySet(new TextEncoder().encode(text), maxKeys);
}

const kidsOf = (keys: unknown[]) => parse({ keys }).map(({ kid }) => kid);

describe('a published key set', () => {
  it('gives each key with the scope its issuer wrote beside it', () => {
    const scope = { tenant: 'acme', token_types: ['at+jwt'], nbf: 1, exp: 2 };
    const [key] = parse({ keys: [{ ...EC, ...scope }] });
    assert.deepEqual(
      { ...key, jwk: undefined },
      {
        kid: 'k1',
        alg: 'ES256',
        issuer: 'https://a',
        tenant: 'acme',
        tokenTypes: ['at+jwt'],
        notBeforeSeconds: 1,
        notAfterSeconds: 2,
        receipt: undefined,
        jwk: undefined,
      },
    );
  });

  it('reads the receipt of a key, and takes what is no text or too long for none', () => {
    const receiptOf = (itr: unknown) => parse({ keys: [{ ...EC, itr }] })[0]?.receipt;
    assert.equal(receiptOf('abc'), 'abc');
    for (const none of [7, null, ['abc'], 'A'.repeat(1_025)]) {
      assert.equal(receiptOf(none), undefined);
    }
  });

  it('keeps a key without alg or iss, so that it can be refused by name', () => {
    const { alg: _alg, iss: _iss, ...bare } = EC;
    const [key] = parse({ keys: [bare] });
    assert.equal(key?.alg, undefined);
    assert.equal(key?.issuer, undefined);
    assert.equal(key?.kid, 'k1');
  });

  it('leaves out keys that are not for verifying with a known algorithm', () => {
    for (const odd of [
      { use: 'enc' },
      { key_ops: ['sign'] },
      { key_ops: 'verify' },
      { alg: 'none' },
      { alg: 'HS256' },
      { alg: 'RS1' },
      { alg: 7 },
      { kid: '' },
      { kid: 7 },
      { kid: undefined },
      { kid: 'k'.repeat(257) },
    ]) {
      assert.deepEqual(kidsOf([{ ...EC, ...odd }]), [], JSON.stringify(odd));
    }
    assert.deepEqual(kidsOf([{ ...EC, use: 'sig', key_ops: ['verify'] }]), ['k1']);
  });

  it('leaves out a key whose limits are malformed, because no limit would be wider', () => {
    for (const odd of [
      { nbf: '1' },
      { exp: '2' },
      { exp: null },
      { exp: -1 },
      { exp: 1.5 },
      { exp: 1e300 },
      { iss: 5 },
      { iss: '' },
      { iss: ['https://a'] },
      { tenant: 5 },
      { token_types: 'at+jwt' },
      { token_types: [1] },
    ]) {
      assert.deepEqual(kidsOf([{ ...EC, ...odd }]), [], JSON.stringify(odd));
    }
  });

  it('is refused whole when two keys share a kid, even if one of them is unusable', () => {
    const code = 'key_set_duplicate_kid';
    assert.throws(() => parse({ keys: [EC, EC] }), { code });
    assert.throws(() => parse({ keys: [EC, { ...EC, use: 'enc' }] }), { code });
  });

  it('is refused whole when any key shows a private part', () => {
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']) {
      const shown = { ...EC, kid: 'other', [member]: '' };
      assert.throws(() => parse({ keys: [EC, shown] }), { code: 'key_set_private_member' }, member);
    }
    const symmetric = { kty: 'oct', kid: 'other' };
    assert.throws(() => parse({ keys: [EC, symmetric] }), { code: 'key_set_private_member' });
  });

  it('is refused when it is no key set', () => {
    const twice = `{"keys":[],"keys":[${JSON.stringify(EC)}]}`;
    for (const text of [
      '',
      '{',
      '[]',
      'null',
      '{"keys":{}}',
      '{"keys":[1]}',
      '{"keys":[[]]}',
      twice,
    ]) {
      assert.throws(() => parse(text), { code: 'key_set_malformed' }, text);
    }
    const notUtf8 = Uint8Array.of(0x7b, 0xff, 0x7d);
    assert.throws(() => parseKeySet(notUtf8, 32), { code: 'key_set_malformed' });
  });

  it('is refused when it has more keys than allowed', () => {
    const keys = ['a', 'b', 'c'].map((kid) => ({ ...EC, kid }));
    assert.equal(parse({ keys }, 3).length, 3);
    assert.throws(() => parse({ keys }, 2), { code: 'key_set_too_many_keys' });
  });
});

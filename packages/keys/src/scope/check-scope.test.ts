import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { openReceiptLog, parseVerifierKey } from '@countersign/verifier';
import fc from 'fast-check';
import { publicSigningJwk } from '../custody/public-jwk.ts';
import {
  ISSUER,
  type Members,
  makeInput,
  makeLog,
  makePayload,
  makeScope,
  NOW_MS,
  NOW_SECONDS,
} from '../testing/token-fixture.ts';
import { ReceiptCheck } from './check-receipt.ts';
import { checkScope, type ScopedKey } from './check-scope.ts';
import type { KeyScope } from './key-scope.ts';

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const log = makeLog();
const alg = 'ES256';

async function makeKey(changes: Partial<KeyScope> = {}): Promise<ScopedKey & { kid: string }> {
  const scope = makeScope(changes);
  const publicJwk = publicSigningJwk(publicKey, alg, scope);
  const { kid } = publicJwk;
  const record = { kid, alg, scope, publicJwk, createdMs: NOW_MS } as const;
  if (scope.requireReceiptFrom === undefined) return { kid, record };
  const noteKey = parseVerifierKey(scope.requireReceiptFrom);
  const receipts = new ReceiptCheck([await openReceiptLog(noteKey.name, noteKey)]);
  return { kid, record, receipts };
}

const plain = await makeKey();
const bound = await makeKey({ requireReceiptFrom: log.vkey });
const { kid } = plain;
const header = (changes: Members = {}): Members => ({ alg, kid, typ: 'at+jwt', ...changes });
const check = (key: ScopedKey, head: Members, payload: Members, nowMs = NOW_MS): void =>
  checkScope(key, makeInput(head, payload), nowMs);
const receiptFor = (payload: Members, changes: object = {}): string =>
  log.receipt({ kid, alg, typ: 'at+jwt', payload, ...changes });

describe('a key under a scope', () => {
  it('signs what its scope allows', () => {
    check(plain, header(), makePayload());
    check(plain, header({ typ: 'JWT' }), makePayload({ client_id: undefined }));
    check(plain, header(), makePayload({ aud: ['https://mail.example', 'https://api.example'] }));
    check(plain, header(), makePayload({ exp: NOW_SECONDS + 3600, parent_jti: 'another' }));
    check(plain, header(), makePayload({ iat: NOW_SECONDS + 5 }));
    check(plain, header(), makePayload({ iat: NOW_SECONDS - 3000, nbf: NOW_SECONDS - 3000 }));
  });

  it('signs for any audience when its scope says so', async () => {
    const key = await makeKey({ audiences: '*' });
    check(key, header(), makePayload({ aud: 'https://elsewhere.example' }));
  });

  it('signs a logout token, and keeps it apart from every other kind', async () => {
    const key = await makeKey({ tokenTypes: ['at+jwt', 'JWT', 'logout+jwt'] });
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    const logout = header({ typ: 'logout+jwt' });
    check(key, logout, makePayload({ events }));
    check(key, logout, makePayload({ events, sub: undefined, sid: 's' }));
    const malformed = { code: 'payload_malformed' };
    for (const payload of [
      makePayload(),
      makePayload({ events, nonce: 'n' }),
      makePayload({ events, sub: undefined }),
    ]) {
      assert.throws(() => check(key, logout, payload), malformed);
    }
    for (const typ of ['at+jwt', 'JWT']) {
      assert.throws(() => check(key, header({ typ }), makePayload({ events })), malformed);
    }
  });

  const refusedPayloads: [string, Members, string][] = [
    ['another issuer', { iss: 'https://id.example/acme/customer' }, 'issuer_out_of_scope'],
    ['the issuer with a slash', { iss: `${ISSUER}/` }, 'issuer_out_of_scope'],
    ['no issuer', { iss: undefined }, 'issuer_out_of_scope'],
    ['an issuer in a list', { iss: [ISSUER] }, 'issuer_out_of_scope'],
    ['another tenant', { tenant: 'globex' }, 'tenant_out_of_scope'],
    ['no tenant', { tenant: undefined }, 'tenant_out_of_scope'],
    ['another audience', { aud: 'https://evil.example' }, 'audience_out_of_scope'],
    [
      'one wrong audience among right ones',
      { aud: ['https://api.example', 'x'] },
      'audience_out_of_scope',
    ],
    ['no audience', { aud: undefined }, 'payload_malformed'],
    ['an empty audience list', { aud: [] }, 'payload_malformed'],
    ['an empty audience', { aud: '' }, 'payload_malformed'],
    ['a number among audiences', { aud: ['https://api.example', 1] }, 'payload_malformed'],
    [
      'an audience twice',
      { aud: ['https://api.example', 'https://api.example'] },
      'payload_malformed',
    ],
    [
      'seventeen audiences',
      { aud: Array.from({ length: 17 }, (_, n) => `https://${n}`) },
      'payload_malformed',
    ],
    ['a life one second too long', { exp: NOW_SECONDS + 3601 }, 'lifetime_too_long'],
    [
      'a long life dated back',
      { iat: NOW_SECONDS - 3000, exp: NOW_SECONDS + 700 },
      'lifetime_too_long',
    ],
    [
      'a long life dated ahead',
      { iat: NOW_SECONDS + 5, exp: NOW_SECONDS + 3606 },
      'lifetime_too_long',
    ],
    ['an issue time in the future', { iat: NOW_SECONDS + 6 }, 'issued_in_future'],
    ['no issue time', { iat: undefined }, 'payload_malformed'],
    ['an issue time with a fraction', { iat: NOW_SECONDS + 0.5 }, 'payload_malformed'],
    ['an issue time as text', { iat: String(NOW_SECONDS) }, 'payload_malformed'],
    ['a negative issue time', { iat: -1 }, 'payload_malformed'],
    ['no end', { exp: undefined }, 'payload_malformed'],
    ['an end that has passed', { iat: NOW_SECONDS - 60, exp: NOW_SECONDS }, 'payload_malformed'],
    ['an end before its begin', { exp: NOW_SECONDS, iat: NOW_SECONDS + 1 }, 'payload_malformed'],
    ['an end beyond u32', { exp: 2 ** 32 }, 'payload_malformed'],
    ['a not-before as text', { nbf: 'now' }, 'payload_malformed'],
    ['no id', { jti: undefined }, 'payload_malformed'],
    ['an id of fewer than 128 bits', { jti: 'x'.repeat(21) }, 'payload_malformed'],
    ['an endless id', { jti: 'x'.repeat(257) }, 'payload_malformed'],
    ['no root', { root_auth_id: undefined }, 'payload_malformed'],
    ['an empty root', { root_auth_id: '' }, 'payload_malformed'],
    ['itself as parent', { parent_jti: makePayload()['jti'] }, 'payload_malformed'],
    ['a parent that is no text', { parent_jti: 1 }, 'payload_malformed'],
    ['no subject', { sub: undefined }, 'payload_malformed'],
    ['a subject over 255 characters', { sub: 'x'.repeat(256) }, 'payload_malformed'],
    ['no client in an access token', { client_id: undefined }, 'payload_malformed'],
    ['a claim that differs by case only', { Tenant: 'globex' }, 'payload_malformed'],
    ['another claim that differs by case only', { AUD: 'x' }, 'payload_malformed'],
  ];
  for (const [what, changes, code] of refusedPayloads) {
    it(`refuses ${what}`, () => {
      assert.throws(() => check(plain, header(), makePayload(changes)), { code });
    });
  }

  const refusedHeaders: [string, Members, string][] = [
    ['another key id', { kid: 'other' }, 'header_malformed'],
    ['no key id', { kid: undefined }, 'header_malformed'],
    ['another algorithm', { alg: 'RS256' }, 'header_malformed'],
    ['no algorithm', { alg: undefined }, 'header_malformed'],
    ['alg none', { alg: 'none' }, 'header_malformed'],
    ['no type', { typ: undefined }, 'header_malformed'],
    ['a type outside the scope', { typ: 'logout+jwt' }, 'token_type_out_of_scope'],
    ['an unknown type', { typ: 'dpop+jwt' }, 'token_type_out_of_scope'],
    ['a type in other case', { typ: 'AT+JWT' }, 'token_type_out_of_scope'],
    ['a receipt that is no text', { itr: 1 }, 'header_malformed'],
    ['jwk', { jwk: {} }, 'header_malformed'],
    ['jku', { jku: 'https://evil.example' }, 'header_malformed'],
    ['x5u', { x5u: 'https://evil.example' }, 'header_malformed'],
    ['crit', { crit: [] }, 'header_malformed'],
    ['cty', { cty: 'JWT' }, 'header_malformed'],
  ];
  for (const [what, changes, code] of refusedHeaders) {
    it(`refuses a header with ${what}`, () => {
      assert.throws(() => check(plain, header(changes), makePayload()), { code });
    });
  }

  it('refuses any value but the right one in each member that the scope fixes', () => {
    const fixed = ['iss', 'tenant', 'aud', 'alg', 'kid', 'typ'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...fixed), fc.jsonValue(), (name, value) => {
        const inHeader = name in header();
        const right = (inHeader ? header() : makePayload())[name];
        const types = ['at+jwt', 'JWT'];
        fc.pre(value !== right && !(name === 'typ' && types.some((type) => type === value)));
        if (name === 'aud') fc.pre(!JSON.stringify(value).includes('.example"'));
        const changes = { [name]: value };
        assert.throws(
          () => check(plain, header(inHeader ? changes : {}), makePayload(inHeader ? {} : changes)),
          { name: 'CodedError' },
        );
      }),
    );
  });

  it('refuses any extra header member', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (name, value) => {
        fc.pre(!['alg', 'kid', 'typ', 'itr'].includes(name));
        const head = Object.fromEntries([...Object.entries(header()), [name, value]]);
        assert.throws(() => check(plain, head, makePayload()), { code: 'header_malformed' });
      }),
    );
  });

  it('signs from its first second to the last before its end, and never outside', () => {
    const { notBeforeSeconds, notAfterSeconds } = plain.record.scope;
    const at = (seconds: number): void =>
      check(plain, header(), makePayload({ iat: seconds, exp: seconds + 60 }), seconds * 1000);
    at(notBeforeSeconds);
    at(notAfterSeconds - 1);
    assert.throws(() => at(notBeforeSeconds - 1), { code: 'key_not_yet_valid' });
    assert.throws(() => at(notAfterSeconds), { code: 'key_expired' });
    assert.throws(() => at(notAfterSeconds + 86_400), { code: 'key_expired' });
  });
});

describe('a key that needs a receipt', () => {
  const payload = makePayload();

  it('signs what its log has seen, alone or in a batch', () => {
    for (const log2Span of [0, 1, 4, 8]) {
      check(bound, header({ itr: receiptFor(payload, { log2Span }) }), payload);
    }
  });

  it('signs nothing without a receipt', () => {
    assert.throws(() => check(bound, header(), payload), { code: 'receipt_missing' });
  });

  it('refuses the receipt of any other token', () => {
    const itr = receiptFor(payload);
    for (const changes of [{ sub: 'eve' }, { exp: NOW_SECONDS + 601 }, { scope: 'admin' }]) {
      assert.throws(() => check(bound, header({ itr }), makePayload(changes)), {
        code: 'receipt_invalid',
      });
    }
    const asId = receiptFor(payload, { typ: 'JWT' });
    const ofOtherKey = receiptFor(payload, { kid: 'other' });
    for (const wrong of [asId, ofOtherKey]) {
      assert.throws(() => check(bound, header({ itr: wrong }), payload), {
        code: 'receipt_invalid',
      });
    }
  });

  it('refuses a receipt of any other log, even one of the same name', () => {
    const itr = makeLog().receipt({ kid, alg, typ: 'at+jwt', payload });
    assert.throws(() => check(bound, header({ itr }), payload), { code: 'receipt_invalid' });
  });

  it('refuses a receipt from another time', () => {
    const at = (issuedMs: number): void =>
      check(bound, header({ itr: receiptFor(payload, { issuedMs }) }), payload);
    at(NOW_MS - 60_000);
    at(NOW_MS + 60_000);
    for (const issuedMs of [NOW_MS - 60_001, NOW_MS + 60_001, 0]) {
      assert.throws(() => at(issuedMs), { code: 'receipt_invalid' });
    }
  });

  it('refuses a receipt with any bit changed, whatever it has verified before', () => {
    const itr = receiptFor(payload, { log2Span: 4 });
    check(bound, header({ itr }), payload);
    const bytes = Buffer.from(itr, 'base64url');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] as number) ^ (1 << bit);
        const head = header({ itr: changed.toString('base64url') });
        assert.throws(() => check(bound, head, payload), { code: 'receipt_invalid' });
      }),
      { numRuns: 400 },
    );
    check(bound, header({ itr }), payload);
  });

  it('refuses a receipt that is cut, prolonged or not canonical', () => {
    const itr = receiptFor(payload);
    const wrongs = ['', 'A', '====', itr.slice(0, -4), `${itr}AAAA`, `${itr}=`, ` ${itr}`];
    for (const wrong of wrongs) {
      assert.throws(() => check(bound, header({ itr: wrong }), payload), {
        code: 'receipt_invalid',
      });
    }
  });

  it('fails closed when its receipt check is missing', () => {
    const { record } = bound;
    const head = header({ itr: receiptFor(payload) });
    assert.throws(() => check({ record }, head, payload), { code: 'receipt_missing' });
  });
});

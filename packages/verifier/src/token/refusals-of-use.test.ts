// Refusals for what a token says and how it is used; and that no code is without a test.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REFUSAL_CODES, VerificationError } from '../refusal.ts';
import {
  type Case,
  claiming,
  feed,
  issued,
  issuer,
  refuses,
  verify,
} from '../testing/refusal-table.ts';
import { TestHolder } from '../testing/test-holder.ts';
import { AUDIENCE, NOW } from '../testing/test-issuer.ts';

const holder = new TestHolder();

refuses('claim_missing', 'every token has the claims it must have', () => {
  const access = ['sub', 'aud', 'iat', 'jti', 'client_id', 'tenant'];
  return [
    ...access.map((name) => issued({ without: [name] })),
    { context: { requiredClaims: ['sub', 'amr'] } },
    { context: { requiredClaims: ['toString'] } },
    issued({ header: { typ: 'JWT' }, without: ['jti'] }, { type: 'id' }),
  ];
});

refuses('claim_malformed', 'no claim has another type than it should', () => {
  const bad: Record<string, unknown>[] = [
    { sub: 7 },
    { sub: '' },
    { jti: {} },
    { aud: [] },
    { aud: [7] },
    { aud: { 0: AUDIENCE } },
    { aud: Array.from({ length: 65 }, () => AUDIENCE) },
    { iat: String(NOW) },
    { iat: NOW + 0.5 },
    { nbf: '0' },
    { iat: -1 },
    { exp: NOW, iat: NOW },
    { scope: ['read'] },
    { tenant: ['acme'] },
    { nonce: 7 },
    { cnf: 'x' },
    { cnf: { jkt: 'short' } },
  ];
  return bad.map((claims) => ({
    ...claiming(claims),
    context: { http: { method: 'GET', url: 'https://api.example/mail', scheme: 'DPoP' } },
  }));
});

refuses('claim_malformed', 'no claim has a twin that differs in case only', () => {
  const twins = [{ Tenant: 'other' }, { AUD: AUDIENCE }, { Exp: NOW + 9999 }, { Foo: 1, foo: 2 }];
  const alone = [{ Scope: 'admin' }, { CNF: {} }, { FOO: 1, Foo: 2 }, { '\u017fub': 'admin' }];
  return [...twins, ...alone].map((claims) => claiming(claims));
});

test("a claim with capitals that is nobody's twin is left alone", async () => {
  const claims = { 'https://example/Role': 'x', emailVerified: true, Ünïcode: 1 };
  assert.ok(await verify(claiming(claims)));
});

refuses('audience_mismatch', 'the audience is exact', () => [
  { context: { audience: 'https://api.example/' } },
  { context: { audience: 'https://API.example' } },
  claiming({ aud: ['https://a.example', 'https://b.example'] }),
  claiming({ aud: [AUDIENCE, 'https://b.example'] }),
  claiming({ aud: [AUDIENCE, AUDIENCE] }),
  issued({ header: { typ: 'JWT' }, claims: { azp: 'client-2' } }, { type: 'id' }),
]);

refuses('tenant_mismatch', 'the tenant is the pinned one and the asked one', () => [
  claiming({ tenant: 'other' }),
  { context: { tenant: 'other' } },
  { ...claiming({ tenant: 'other' }), context: { tenant: 'other' } },
]);

refuses('nonce_mismatch', 'an ID token answers one sign-in', () => [
  issued({ header: { typ: 'JWT' }, claims: { nonce: 'a' } }, { type: 'id', nonce: 'b' }),
  issued({ header: { typ: 'JWT' } }, { type: 'id', nonce: 'b' }),
]);

refuses('token_expired', 'time is up', () => [
  claiming({ iat: NOW - 700, exp: NOW - 100 }),
  claiming({ iat: NOW - 60, exp: NOW - 4 }),
]);

refuses('token_not_yet_valid', 'its time has not come', () => [claiming({ nbf: NOW + 100 })]);

refuses('token_from_future', 'it was issued in the future', () => [
  claiming({ iat: NOW + 100, exp: NOW + 200 }),
]);

refuses('lifetime_too_long', 'the policy says how long, not the token', () => [
  claiming({ exp: NOW + 3601 }),
  { policy: { maxLifetimeSeconds: { access: 599, id: 3600 } } },
  {
    ...issued({ header: { typ: 'JWT' } }, { type: 'id' }),
    policy: { maxLifetimeSeconds: { access: 3600, id: 599 } },
  },
]);

refuses('token_revoked', 'its place in the log is on the list', () => [
  { options: feed({ revoked: (_index, origin) => origin === issuer.log.origin }) },
]);

refuses('feed_stale', 'without fresh news nothing is accepted', () => [
  { options: feed({ fresh: () => false }) },
  { options: feed({ fresh: () => false, ready: async () => undefined }) },
]);

refuses('scope_insufficient', 'every wanted scope is granted', () => [
  { context: { scope: ['read', 'admin'] } },
  { context: { scope: ['rea'] } },
  issued({ without: ['scope'] }, { scope: ['read'] }),
]);

refuses('token_replayed', 'a one-time token is used once', () => [
  { context: { once: true }, options: { replay: { record: () => 'seen' } } },
]);

refuses('replay_store_full', 'what cannot be remembered is not accepted', () => [
  { context: { once: true }, options: { replay: { record: async () => 'full' as const } } },
]);

refuses('keys_unavailable', 'without keys nothing is accepted', () => [
  {
    options: {
      keys: {
        key: () => {
          throw new VerificationError('keys_unavailable', 'No keys.');
        },
        generation: 0,
      },
    },
  },
]);

refuses('verifier_misconfigured', 'what a part of the verifier breaks, it does not accept', () => [
  { context: { audience: '' } },
  { context: { type: 'refresh' as 'id' } },
  { context: { once: true } },
  {
    options: {
      keys: {
        key: () => {
          throw new TypeError('bug');
        },
        generation: 0,
      },
    },
  },
  {
    options: {
      keys: {
        key: async () => {
          throw new TypeError('bug');
        },
        generation: 0,
      },
    },
  },
  { key: { handle: undefined } },
  {
    context: { once: true },
    options: {
      replay: {
        record: () => {
          throw new Error('down');
        },
      },
    },
  },
]);

const bound = (change: Record<string, unknown>, proof?: (token: string) => string): Case => {
  const token = issuer.issue({ claims: { cnf: { jkt: holder.thumbprint } } });
  const http = { method: 'GET', url: 'https://api.example/mail', scheme: 'DPoP' as const };
  const dpopProof = (proof ?? ((text: string) => holder.prove(text, change)))(token);
  return { token, context: { http: { ...http, dpopProof } } };
};

test('a bound token with a proof of its key is accepted', async () => {
  assert.ok(await verify(bound({})));
});

refuses('dpop_missing', 'a bound token is nothing without its key', () => {
  const { token = '' } = bound({});
  const http = { method: 'GET', url: 'https://api.example/mail' };
  return [
    { token },
    { token, context: { http: { ...http, scheme: 'Bearer' } } },
    { token, context: { http: { ...http, scheme: 'DPoP' } } },
  ];
});

refuses('dpop_malformed', 'a proof is a sound JWS', () => [
  bound({}, () => 'nonsense'),
  bound({ jti: 7 }),
]);

refuses('dpop_mismatch', 'a proof is for this request, token and key', () => [
  bound({ htm: 'POST' }),
  bound({ htu: 'https://api.example/other' }),
  bound({ ath: 'AAAA' }),
  bound({}, (token) => new TestHolder().prove(token)),
  { context: { http: { method: 'GET', url: 'https://api.example/mail', scheme: 'DPoP' } } },
]);

refuses('dpop_expired', 'a proof is fresh', () => [bound({ iat: NOW - 100 })]);

refuses('dpop_replayed', 'a proof is used once', () => [
  { ...bound({}), options: { replay: { record: () => 'seen' } } },
]);

refuses('dpop_nonce_required', 'a proof carries the nonce that was asked for', () => [
  { ...bound({}), options: { dpop: { nonce: () => false } } },
]);

refuses('receipt_unwitnessed', 'a strict audience sees the leaf in the log', () => {
  const { mode, logs, startByKid } = issuer.policy().issuers[0]?.receipts ?? assert.fail();
  const awaitInclusion = async () => 'timeout' as const;
  const auditor = {
    enqueue: () => true,
    blocked: () => false,
    auditLagMs: () => 0,
    awaitInclusion,
  };
  const receipts = { mode, logs, startByKid, strictAudiences: [AUDIENCE] };
  return [{ policy: { receipts }, options: { auditor } }];
});

test('the tables are complete: every code that exists is given for something', () => {
  const files = globSync('refusals-of-*.test.ts', { cwd: import.meta.dirname });
  const text = files.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('');
  assert.deepEqual(
    REFUSAL_CODES.filter((code) => !text.includes(`refuses('${code}'`)),
    [],
  );
});

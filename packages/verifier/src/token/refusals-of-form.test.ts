// Refusals for what a token is: its form, its header, its key and its signatures.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVerifier } from '../create-verifier.ts';
import {
  type Case,
  claiming,
  feed,
  issued,
  issuer,
  refuses,
  verify,
} from '../testing/refusal-table.ts';
import { AUDIENCE, ISSUER, NOW, segment, TestIssuer } from '../testing/test-issuer.ts';
import { TestLog } from '../testing/test-log.ts';

const stranger = new TestIssuer('ES256', issuer.log, issuer.kid);
const parts = (token = issuer.issue()) => token.split('.') as [string, string, string];

/** A forged header, signed by the real key, over a genuine payload. */
function resigned(header: unknown, payload?: string): Case {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  return { token: issuer.sign(segment(text), payload ?? parts()[1]) };
}

test('a genuine token of either type is accepted, with its receipt', async () => {
  const access = await verify();
  assert.equal(access.claims.sub, 'person-1');
  assert.equal(access.receipt?.origin, issuer.log.origin);
  const token = issuer.issue({ header: { typ: 'JWT' }, claims: { nonce: 'n' } });
  const id = await verify({
    token,
    context: { type: 'id', nonce: 'n', issuer: ISSUER, tenant: 'acme' },
  });
  assert.equal(id.header.typ, 'JWT');
});

refuses('token_malformed', 'the token is not a JWS of three parts of JSON', () => {
  const [head, body, mark] = parts();
  const broken = [
    '',
    '.',
    '..',
    'a.b',
    `${head}.${body}`,
    `${head}.${body}.${mark}.`,
    `.${body}.${mark}`,
  ];
  const texts = [...broken, `${head}..${mark}`, `${head}.${body}.${mark}.${mark}.${mark}`].map(
    (token) => ({ token }),
  );
  const headers = [
    '[]',
    'null',
    '"text"',
    '{',
    '{"alg":"ES256","typ":"at+jwt"}',
    '{"alg":"ES256","kid":7,"typ":"at+jwt"}',
  ];
  const nameless = [
    { alg: 'ES256', kid: issuer.kid },
    { kid: 'k', typ: 'at+jwt' },
    { alg: '', kid: 'k', typ: 't' },
  ];
  const latin = Buffer.from('{"\xe9":1}', 'latin1').toString('base64url');
  return [
    ...texts,
    ...headers.map((header) => resigned(header)),
    ...nameless.map((header) => resigned(header)),
    resigned({ alg: 'ES256', kid: 'x'.repeat(256), typ: 'at+jwt' }),
    { token: issuer.sign(head, segment('[]')) },
    { token: issuer.sign(head, segment('7')) },
    { token: issuer.sign(head, latin) },
  ];
});

test('token_malformed: what is not a text is not a token', async () => {
  const verifier = createVerifier(issuer.policy(), { keys: await issuer.keys(), auditor: 'off' });
  for (const token of [undefined, null, 7, {}, []]) {
    await assert.rejects(verifier.verifyToken(token as unknown as string, { audience: AUDIENCE }), {
      code: 'token_malformed',
    });
  }
});

refuses('token_too_large', 'nothing longer than 16 KiB is decoded', () => [
  claiming({ padding: 'x'.repeat(16_384) }),
  { token: `${'a'.repeat(2_000_000)}.b.c` },
  { options: { maxTokenLength: 100 } },
]);

refuses('encoding_not_canonical', 'every part has one spelling', () => {
  const [head, body, mark] = parts(issuer.issue({ claims: { pad: '1' } }));
  const last = (text: string) => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return text.slice(0, -1) + alphabet[(alphabet.indexOf(text.at(-1) ?? '') ^ 1) % 64];
  };
  return [
    `${head}=.${body}.${mark}`,
    `${head}.${body}.${mark}=`,
    `${head}.${body}.${last(mark)}`,
    `${head}.${body} .${mark}`,
    `${head}.${body}.${mark}\n`,
    ` ${head}.${body}.${mark}`,
    `${head}.${body}.+/${mark}`,
  ].map((token) => ({ token }));
});

refuses('json_duplicate_member', 'no member is named twice', () => {
  const [head, body] = parts();
  const payload = Buffer.from(body, 'base64url').toString();
  const header = Buffer.from(head, 'base64url').toString();
  return [
    { token: issuer.sign(segment(header.replace('{', '{"alg":"none",')), body) },
    { token: issuer.sign(segment(header.replace('{', '{"\\u0061lg":"none",')), body) },
    { token: issuer.sign(head, segment(payload.replace('{', '{"aud":"x",'))) },
  ];
});

refuses('header_member_forbidden', 'the header brings no key, and nothing beside a receipt', () => {
  const names = ['jwk', 'jku', 'x5u', 'x5c', 'b64', 'zip'];
  const bringing = names.map((name) => issued({ header: { [name]: {} } }));
  const beside = ['x5t', 'cty', 'nonce', 'weird name', '__proto__x'].map((name) =>
    issued({ header: { [name]: 'a' } }),
  );
  const unreceipted = [
    { jku: 'https://thief.example' },
    { JWK: {} },
    { Kid: 'other' },
    { ALG: 'none' },
  ];
  const forged = unreceipted.map((header) => ({ token: issuer.forge({ header }) }));
  return [...bringing, ...beside, ...forged];
});

refuses('header_critical_unknown', 'an extension that must be understood is not', () => [
  issued({ header: { crit: ['exp'] } }),
  issued({ header: { crit: [] } }),
]);

refuses('algorithm_not_allowed', 'only what the policy lists', () => [
  issued({ header: { alg: 'none' } }),
  issued({ header: { alg: 'HS256' } }),
  issued({ header: { alg: 'es256' } }),
  { policy: { algorithms: ['EdDSA', 'RS256'] } },
]);

refuses('type_not_allowed', 'an ID token is no access token, nor the reverse', () => [
  issued({ header: { typ: 'JWT' } }),
  issued({ header: { typ: 'AT+JWT' } }),
  issued({ header: { typ: 'application/at+jwt' } }),
  issued({ header: { typ: 'logout+jwt' } }),
  { context: { type: 'id' } },
]);

refuses('issuer_unknown', 'only issuers of the policy, and only the expected one', () => [
  claiming({ iss: 'https://id.example/acme/customer' }),
  claiming({ iss: `${ISSUER}/` }),
  claiming({ iss: 7 }),
  claiming({ iss: [ISSUER] }),
  issued({ without: ['iss'] }),
  { context: { issuer: 'https://id.example/acme/customer' } },
]);

refuses('key_unknown', 'the issuer publishes no such key', () => [
  issued({ header: { kid: 'another' } }),
  { options: { keys: { key: () => undefined, generation: 0 } } },
  { options: { keys: { key: async () => undefined, generation: 0 } } },
]);

refuses('key_withdrawn', 'a key that is shown no more is over', async () => {
  const key = await issuer.key();
  const withdrawn = () => key;
  return [
    { options: { keys: { key: () => undefined, withdrawn, generation: 0 } } },
    { options: { keys: { key: async () => undefined, withdrawn, generation: 0 } } },
    {
      token: issuer.forge(),
      options: { keys: { key: () => undefined, withdrawn, generation: 0 } },
    },
  ];
});

refuses('key_unknown', 'a key source that gives another key is not believed', async () => {
  const key = await issuer.key({ kid: 'another' });
  return [{ options: { keys: { key: () => key, generation: 0 } } }];
});

refuses('key_issuer_mismatch', 'a key speaks for one issuer', () => [
  { key: { issuer: 'https://id.example/acme/customer' } },
]);

refuses('key_tenant_mismatch', 'a key speaks for one tenant', () => [{ key: { tenant: 'other' } }]);

refuses('key_scope_missing', 'what a key does not state it may not do', () => [
  { key: { issuer: undefined } },
  { key: { tenant: undefined } },
  { key: { tokenTypes: undefined } },
  { key: { notBeforeSeconds: undefined } },
  { key: { notAfterSeconds: undefined } },
]);

refuses('key_algorithm_mismatch', 'a key has one algorithm', () => [
  { key: { alg: undefined } },
  { key: { alg: 'RS256' } },
]);

refuses('key_algorithm_mismatch', 'a handle for another algorithm is not used', async () => {
  const { handle } = await new TestIssuer('EdDSA').key();
  return [{ key: { handle } }];
});

refuses('key_type_out_of_scope', 'a key signs only its types', () => [
  { key: { tokenTypes: ['JWT'] } },
  { key: { tokenTypes: [] } },
]);

refuses('key_not_yet_valid', 'a key does not speak before its time', () => [
  { key: { notBeforeSeconds: NOW + 60 } },
  { ...claiming({ iat: NOW - 30, exp: NOW + 60 }), key: { notBeforeSeconds: NOW - 20 } },
]);

refuses('key_expired', 'an old key is dead at once, whatever its token says', () => [
  { key: { notAfterSeconds: NOW + 1 } },
  { key: { notAfterSeconds: NOW - 7 * 365 * 86_400 } },
]);

refuses('key_expired', 'no token was issued after the end of its key', () => [
  { key: { notAfterSeconds: NOW + 3 }, token: issuer.issue({ claims: { iat: NOW + 4 } }) },
]);

refuses('key_too_old', 'a key lives no longer than the policy allows, whatever it says', () => [
  { key: { notBeforeSeconds: NOW - 90 * 86_400, notAfterSeconds: NOW + 10 * 365 * 86_400 } },
  { policy: { keyMaxAgeSeconds: 86_400 } },
]);

refuses('key_quarantined', 'a misused key is dead before its tokens are', () => [
  { options: feed({ quarantined: (name, kid) => name === ISSUER && kid === issuer.kid }) },
]);

refuses('signature_invalid', 'the token is what the issuer signed', () => {
  const [head, body, mark] = parts();
  const other = parts();
  return [
    { token: `${head}.${body}.` },
    { token: `${head}.${body}.${mark.replace(/^../, 'AA')}` },
    { token: `${head}.${other[1]}.${mark}` },
    { token: `${other[0]}.${body}.${mark}` },
    { token: stranger.issue() },
    { token: stranger.forge() },
  ];
});

refuses('key_unlogged', 'a key whose publication no log has seen', () => {
  const logs = [issuer.logPolicy()];
  const receipts = { mode: 'required', logs, startByKid: {}, keys: 'required' } as const;
  const policy = { receipts };
  return [
    { policy },
    { policy, key: { receipt: issuer.publish({ kid: 'another' }) } },
    { policy, key: { receipt: issuer.publish(), notAfterSeconds: NOW + 86_401 } },
  ];
});

refuses('receipt_missing', 'a good signature alone is not enough', () => [
  { token: issuer.forge() },
  {
    token: issuer.forge(),
    policy: {
      receipts: { mode: 'required', logs: [issuer.logPolicy()], startByKid: { other: NOW + 5 } },
    },
  },
  {
    token: issuer.forge(),
    policy: {
      receipts: { mode: 'required', logs: [issuer.logPolicy()], startByKid: { [issuer.kid]: NOW } },
    },
  },
]);

refuses('receipt_malformed', 'a receipt that cannot be read is none', () => {
  const header = { alg: 'ES256', kid: issuer.kid, typ: 'at+jwt' };
  const [genuine] = parts();
  const { itr } = JSON.parse(Buffer.from(genuine, 'base64url').toString()) as { itr: string };
  const bad = [
    '',
    'AAAA',
    itr.slice(0, -4),
    `${itr}AAAA`,
    `${itr}=`,
    7,
    null,
    [itr],
    { itr },
    'A'.repeat(4000),
  ];
  const receipts = bad.map((spoilt) => resigned({ ...header, itr: spoilt }));
  const unexpiring = parts(issuer.issue({ without: ['exp'], claims: {} }));
  return [...receipts, { token: unexpiring.join('.') }];
});

refuses('receipt_key_unknown', 'only pinned logs count', () => {
  const rogue = new TestLog(issuer.log.origin);
  const pinned = {
    ...issuer.logPolicy(),
    receiptKey: rogue.receiptKeyText,
    checkpointKey: rogue.checkpointKeyText,
  };
  return [{ policy: { receipts: { mode: 'required', logs: [pinned], startByKid: {} } } }];
});

refuses('receipt_invalid', 'a receipt is good for one token only', () => {
  const [head] = parts();
  const [, body] = parts();
  return [{ token: issuer.sign(head, body) }];
});

refuses('receipt_time_skew', 'no receipt is held in stock', () => [
  issued({ logSkewMs: 61_000 }),
  issued({ logSkewMs: -61_000 }),
]);

refuses('receipt_audit_failed', 'what the audit refuted stays refuted', () => [
  { options: { auditor: { enqueue: () => true, blocked: () => true, auditLagMs: () => 0 } } },
]);

refuses('audit_unavailable', 'what cannot be audited is not accepted', () => [
  { options: { auditor: { enqueue: () => false, blocked: () => false, auditLagMs: () => 0 } } },
]);

// Genuine tokens: what every implementation must accept. Without them, refusing all would pass.

import { MAIL_URL, proofFor, senderEdThumbprint, senderThumbprint } from './build-proof.ts';
import { sha256 } from './build-receipt.ts';
import { buildToken, type TokenPlan } from './build-token.ts';
import { AUDIENCE, CUSTOMER, customerKey, GLOBEX, globexKey, keys, NOW } from './build-world.ts';
import { genuine, ID, type Vector } from './vector.ts';

export const TAGS = {
  user: sha256('a user tag').subarray(0, 16),
  instance: sha256('an instance tag').subarray(0, 8),
};

/** A bound token and the request that shows it with a proof. */
export function boundRequest(name: string, plan: TokenPlan, ed = false) {
  const { token } = buildToken(name, 'at+jwt', plan);
  const dpopProof = proofFor(token, { jti: `proof of ${name}` }, ed ? { ed } : {});
  return {
    http: { method: 'GET', url: `${MAIL_URL}?folder=1`, scheme: 'DPoP' as const, dpopProof },
  };
}

const bound = { claims: { cnf: { jkt: senderThumbprint } } };
const boundEd = { claims: { cnf: { jkt: senderEdThumbprint } } };

export const genuineVectors = (): Vector[] => [
  genuine('genuine-access-es256', 'An access token signed with ES256, alone in its receipt.', {
    key: keys.es256,
  }),
  genuine('genuine-access-eddsa', 'An access token signed with EdDSA, alone in its receipt.', {}),
  genuine('genuine-access-rs256', 'An access token signed with RS256, alone in its receipt.', {
    key: keys.rs256,
  }),
  genuine(
    'genuine-id-es256',
    'An ID token with the nonce of its sign-in.',
    { key: keys.es256 },
    {
      typ: 'JWT',
      context: { ...ID, nonce: 'n-0S6_WzA2Mj' },
    },
  ),
  genuine(
    'genuine-id-eddsa',
    'An ID token; the caller sent no nonce.',
    {},
    {
      typ: 'JWT',
      context: ID,
    },
  ),
  genuine('genuine-batch-of-16-first', 'Its receipt covers a batch of 16; it is the first.', {
    key: keys.es256,
    receipt: { index: 160, log2Span: 4 },
  }),
  genuine('genuine-batch-of-16-last', 'Its receipt covers a batch of 16; it is the last.', {
    key: keys.rs256,
    receipt: { index: 175, log2Span: 4 },
  }),
  genuine('genuine-batch-of-16-beyond-32-bits', 'A batch of 16 beyond what 32 bits can count.', {
    receipt: { index: 2 ** 40 + 5, log2Span: 4 },
  }),
  genuine('genuine-batch-of-4096', 'The largest batch that may be: 12 hashes.', {
    receipt: { index: 5_000, log2Span: 12 },
  }),
  genuine('genuine-first-of-log', 'The first leaf of the log.', { receipt: { index: 0 } }),
  genuine('genuine-tagged', 'A version 2 receipt with user and instance tags.', {
    leaf: { tags: TAGS },
  }),
  genuine('genuine-tagged-batch', 'Tags and a batch of 16 together.', {
    leaf: { tags: TAGS },
    receipt: { index: 77, log2Span: 4 },
  }),
  genuine('genuine-dpop-es256', 'Bound to a key, with a proof of that key.', bound, {
    source: 'RFC 9449',
    context: boundRequest('genuine-dpop-es256', bound),
  }),
  genuine('genuine-dpop-eddsa', 'Bound to an Ed25519 key, with a proof of that key.', boundEd, {
    source: 'RFC 9449',
    context: boundRequest('genuine-dpop-eddsa', boundEd, true),
  }),
  genuine('genuine-customer', "From acme's customer issuer, with its own key.", {
    key: customerKey,
    claims: { iss: CUSTOMER },
  }),
  genuine('genuine-other-tenant', 'From globex, for a resource that did not ask for a tenant.', {
    key: globexKey,
    claims: { iss: GLOBEX, tenant: 'globex' },
  }),
  genuine('genuine-audience-list-of-one', 'Its audience is a list with one member.', {
    claims: { aud: [AUDIENCE] },
  }),
  genuine('genuine-unknown-claims', 'Claims that nobody here knows, nested and not in ASCII.', {
    claims: { 'https://acme.example/role': { name: 'Prüferin', levels: [1, 2.5, null, true] } },
  }),
  genuine('genuine-spaced-json', 'Its payload has spaces and escapes: bytes count, not form.', {
    payloadText: JSON.stringify(
      buildToken('genuine-spaced-json', 'at+jwt', {}).claims,
      undefined,
      2,
    ).replace('"sub"', '"\\u0073ub"'),
  }),
  genuine('genuine-last-second', 'One second before it expires.', {
    claims: { iat: NOW - 299, exp: NOW + 1 },
  }),
  genuine('genuine-full-lifetime', 'It lives exactly as long as the policy allows.', {
    claims: { iat: NOW, exp: NOW + 300 },
  }),
  genuine(
    'genuine-scope',
    'It grants what the request needs, among other things.',
    {
      claims: { scope: 'openid mail.read mail.write' },
    },
    { context: { scope: ['mail.write'] } },
  ),
  genuine('genuine-shown-twice', 'A bearer token may be shown again.', {}, { shown: 2 }),
];

// Genuine tokens in the wrong place: another tenant, audience, kind or sender than they are for.

import { MAIL_URL, type ProofPlan, proofFor, senderThumbprint } from './build-proof.ts';
import { buildToken, type Members, type TokenPlan } from './build-token.ts';
import {
  AUDIENCE,
  CLIENT,
  CUSTOMER,
  customerKey,
  GLOBEX,
  globexKey,
  keys,
  NOW,
  NOW_MS,
  otherSenderKey,
  senderKey,
  WORKFORCE,
} from './build-world.ts';
import { forged, ID, type Vector } from './vector.ts';

const globex: TokenPlan = { key: globexKey, claims: { iss: GLOBEX, tenant: 'globex' } };

const tenants = (): Vector[] => [
  forged(
    'cve-2025-55241-foreign-tenant',
    'tenant_mismatch',
    "A genuine token of one tenant, shown to another tenant's resource.",
    globex,
    { source: 'CVE-2025-55241', context: { tenant: 'acme' } },
  ),
  forged(
    'tenant-claimed',
    'tenant_mismatch',
    "acme's key signs a token that says it is of globex.",
    { claims: { tenant: 'globex' } },
    { source: 'CVE-2025-55241' },
  ),
  forged(
    'issuer-not-expected',
    'issuer_unknown',
    "Another issuer's token than expected here.",
    {
      key: customerKey,
      claims: { iss: CUSTOMER },
    },
    { context: { issuer: WORKFORCE } },
  ),
  ...[
    ['issuer-unknown', 'https://id.evil.example/acme/workforce', 'Its issuer is unknown.'],
    ['issuer-trailing-slash', `${WORKFORCE}/`, 'Its issuer has a slash too many.'],
    ['issuer-other-case', WORKFORCE.replace('acme', 'Acme'), 'Its issuer in other letters.'],
    ['issuer-prefix', 'https://id.example/acme', 'Its issuer is a prefix of a known one.'],
  ].map(([name = '', iss = '', what = '']) =>
    forged(name, 'issuer_unknown', what, { claims: { iss } }),
  ),
];

const audiences = (): Vector[] => [
  ...(
    [
      ['audience-other', 'https://files.acme.example', 'It is for another resource.'],
      ['audience-prefix', 'https://mail.acme', 'Its audience is a prefix of ours.'],
      ['audience-longer', `${AUDIENCE}/`, 'Its audience is ours with a slash.'],
      ['audience-case', AUDIENCE.toUpperCase(), 'Its audience is ours in capitals.'],
      ['audience-list-of-others', ['https://files.acme.example'], 'A list without us.'],
    ] as const
  ).map(([name, aud, what]) => forged(name, 'audience_mismatch', what, { claims: { aud } })),
  forged(
    'audience-list-with-another',
    'audience_mismatch',
    'It is for us and for another resource, which could use it here.',
    { claims: { aud: [AUDIENCE, 'https://files.acme.example'] } },
    { source: 'Control C-19; RFC 9700 §2.3' },
  ),
  forged(
    'id-token-of-other-client',
    'audience_mismatch',
    'An ID token issued to another client.',
    {
      claims: { aud: [CLIENT, 'other-app'], azp: 'other-app' },
    },
    { typ: 'JWT', context: ID, source: 'OpenID Connect Core §3.1.3.7' },
  ),
  forged(
    'id-token-other-nonce',
    'nonce_mismatch',
    'An ID token of another sign-in.',
    {},
    {
      typ: 'JWT',
      context: { ...ID, nonce: 'of-this-sign-in' },
    },
  ),
  forged(
    'scope-insufficient',
    'scope_insufficient',
    'It does not grant what is asked.',
    {},
    {
      context: { scope: ['mail.write'] },
    },
  ),
  forged(
    'scope-prefix',
    'scope_insufficient',
    'It grants a scope that begins alike.',
    {
      claims: { scope: 'mail.write.own mail' },
    },
    { context: { scope: ['mail.write'] } },
  ),
];

const kinds = (): Vector[] => [
  forged(
    'id-token-as-access',
    'type_not_allowed',
    'An ID token shown as an access token.',
    {
      claims: { aud: AUDIENCE },
    },
    { typ: 'JWT', source: 'RFC 8725 §3.11; RFC 9068 §5' },
  ),
  forged(
    'logout-token-as-access',
    'type_not_allowed',
    'A logout token shown as an access token.',
    {},
    {
      typ: 'logout+jwt',
    },
  ),
  forged(
    'access-token-as-id',
    'type_not_allowed',
    'An access token shown as an ID token.',
    {
      claims: { aud: CLIENT },
    },
    { context: ID },
  ),
  ...['application/at+jwt', 'AT+JWT', 'at+jwt ', 'dpop+jwt'].map((typ, at) =>
    forged(`typ-variant-${at + 1}`, 'type_not_allowed', `Its typ is "${typ}".`, {
      header: { typ },
    }),
  ),
  forged('typ-missing', 'token_malformed', 'It does not say what it is.', {
    header: { typ: undefined },
  }),
  forged(
    'feed-stale',
    'feed_stale',
    'Two minutes have passed and no newer feed: who knows what was revoked.',
    {},
    { nowMs: NOW_MS + 120_000 },
  ),
];

const bound: TokenPlan = { claims: { cnf: { jkt: senderThumbprint } } };

/** A bound token with a proof in which one thing is wrong. */
function badProof(
  name: string,
  code: string,
  what: string,
  claims: Members,
  plan: ProofPlan = {},
): Vector {
  const { token } = buildToken(name, 'at+jwt', bound);
  const dpopProof = proofFor(token, { jti: `proof of ${name}`, ...claims }, plan);
  const http = { method: 'GET', url: MAIL_URL, scheme: 'DPoP' as const, dpopProof };
  return forged(name, code, what, bound, { context: { http }, source: 'RFC 9449 §4.3' });
}

const PROOFS: [string, string, string, Members, ProofPlan?][] = [
  ['dpop-other-key', 'dpop_mismatch', "The thief's own proof.", {}, { thief: true }],
  ['dpop-other-method', 'dpop_mismatch', 'A proof for POST.', { htm: 'POST' }],
  ['dpop-other-url', 'dpop_mismatch', 'A proof for another path.', { htu: `${MAIL_URL}/1` }],
  ['dpop-other-host', 'dpop_mismatch', 'A proof for another host.', { htu: 'https://a.example/' }],
  ['dpop-other-token', 'dpop_mismatch', 'A proof for another token.', { ath: 'A'.repeat(43) }],
  ['dpop-no-token', 'dpop_mismatch', 'A proof for no token.', { ath: undefined }],
  ['dpop-old', 'dpop_expired', 'A proof made 61 seconds ago.', { iat: NOW - 61 }],
  ['dpop-future', 'dpop_expired', 'A proof made 11 seconds from now.', { iat: NOW + 11 }],
  ['dpop-no-id', 'dpop_malformed', 'A proof without jti.', { jti: undefined }],
  ['dpop-typ', 'dpop_malformed', 'A proof of another typ.', {}, { header: { typ: 'JWT' } }],
  [
    'dpop-hs256',
    'dpop_malformed',
    'A proof with a symmetric algorithm.',
    {},
    { header: { alg: 'HS256' } },
  ],
  [
    'dpop-private-key',
    'dpop_malformed',
    'A proof that shows its private key.',
    {},
    { header: { jwk: { ...senderKey.publicJwk, d: 'AAAA' } } },
  ],
  [
    'dpop-signed-by-other',
    'dpop_mismatch',
    "The sender's public key above the thief's signature.",
    {},
    { sign: (input) => otherSenderKey.sign(input) },
  ],
];

function senders(): Vector[] {
  const http = (scheme: 'Bearer' | 'DPoP') => ({ http: { method: 'GET', url: MAIL_URL, scheme } });
  const replayed = 'dpop-replayed';
  const { token } = buildToken(replayed, 'at+jwt', bound);
  const once = proofFor(token, { jti: 'once' });
  return [
    forged('dpop-bound-as-bearer', 'dpop_missing', 'A stolen bound token, as Bearer.', bound, {
      context: http('Bearer'),
    }),
    forged('dpop-bound-without-proof', 'dpop_missing', 'A bound token without a proof.', bound, {
      context: http('DPoP'),
    }),
    forged('dpop-bound-unsaid', 'dpop_missing', 'Nobody says how the bound token came.', bound),
    forged(
      'dpop-unbound',
      'dpop_mismatch',
      'An unbound token under the DPoP scheme.',
      {},
      {
        context: http('DPoP'),
      },
    ),
    forged(replayed, 'dpop_replayed', 'A proof that was used before.', bound, {
      shown: 2,
      context: { http: { ...http('DPoP').http, dpopProof: once } },
    }),
    forged(
      'cnf-text',
      'claim_malformed',
      'Its cnf is text.',
      { claims: { cnf: 'none' } },
      {
        context: http('Bearer'),
      },
    ),
    forged('cnf-null', 'claim_malformed', 'Its cnf is null.', { claims: { cnf: null } }),
    forged('cnf-empty', 'claim_malformed', 'Its cnf binds nothing.', { claims: { cnf: {} } }),
    forged('cnf-other-method', 'claim_malformed', 'Bound by a certificate we cannot see.', {
      key: keys.es256,
      claims: { cnf: { 'x5t#S256': 'A'.repeat(43) } },
    }),
    ...PROOFS.map(([name, code, what, claims, plan]) => badProof(name, code, what, claims, plan)),
  ];
}

export const contextForgeries = (): Vector[] => [
  ...tenants(),
  ...audiences(),
  ...kinds(),
  ...senders(),
];

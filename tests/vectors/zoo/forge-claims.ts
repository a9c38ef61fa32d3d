// Tokens that the issuer's key signed and the log saw, and that still must not pass: claims that are
// missing, of a wrong type, or not true here and now.

import type { Members } from './build-token.ts';
import { AUDIENCE, CLIENT, NOW, REVOKED_INDEX } from './build-world.ts';
import { forged, ID, type Vector } from './vector.ts';

const kebab = (name: string) => name.replaceAll('_', '-');

const missing = (): Vector[] => [
  forged('missing-iss', 'issuer_unknown', 'It names no issuer.', { claims: { iss: undefined } }),
  forged(
    'missing-exp',
    'receipt_malformed',
    'It has no end, so no log can have seen it: the leaf holds the end.',
    { claims: { exp: undefined } },
  ),
  ...['sub', 'aud', 'iat', 'jti', 'client_id', 'tenant'].map((claim) =>
    forged(`missing-${kebab(claim)}`, 'claim_missing', `An access token without ${claim}.`, {
      claims: { [claim]: undefined },
    }),
  ),
  ...['sub', 'aud', 'jti'].map((claim) =>
    forged(
      `missing-${claim}-in-id-token`,
      'claim_missing',
      `An ID token without ${claim}.`,
      { claims: { [claim]: undefined } },
      { typ: 'JWT', context: ID },
    ),
  ),
  forged(
    'missing-required-claim',
    'claim_missing',
    'It lacks a claim that the caller needs.',
    {},
    {
      context: { requiredClaims: ['acr'] },
    },
  ),
];

const WRONG: [string, Members, string][] = [
  ['sub-number', { sub: 7 }, 'Its sub is a number.'],
  ['sub-empty', { sub: '' }, 'Its sub is empty.'],
  ['sub-null', { sub: null }, 'Its sub is null.'],
  ['aud-number', { aud: 7 }, 'Its aud is a number.'],
  ['aud-empty-list', { aud: [] }, 'Its aud is an empty list.'],
  ['aud-mixed-list', { aud: [AUDIENCE, 7] }, 'Its aud lists a number.'],
  ['aud-object', { aud: { 0: AUDIENCE } }, 'Its aud is an object.'],
  ['iat-text', { iat: String(NOW - 5) }, 'Its iat is text.'],
  ['iat-milliseconds', { iat: (NOW - 5) * 1000 }, 'Its iat is in milliseconds.'],
  ['nbf-text', { nbf: String(NOW - 5) }, 'Its nbf is text.'],
  ['nbf-null', { nbf: null }, 'Its nbf is null.'],
  ['jti-number', { jti: 7 }, 'Its jti is a number.'],
  ['client-id-list', { client_id: [CLIENT] }, 'Its client_id is a list.'],
  ['scope-list', { scope: ['mail.read'] }, 'Its scope is a list.'],
  ['tenant-list', { tenant: ['acme'] }, 'Its tenant is a list.'],
  ['exp-before-iat', { iat: NOW - 5, exp: NOW - 6 }, 'It ends before it begins.'],
];

const ENDS: [string, unknown, string][] = [
  ['exp-text', String(NOW + 295), 'Its exp is text.'],
  ['exp-milliseconds', (NOW + 295) * 1000, 'Its exp is in milliseconds.'],
  ['exp-fraction', NOW + 295.5, 'Its exp is not a whole second.'],
  ['exp-negative', -1, 'Its exp is before 1970.'],
  ['exp-null', null, 'Its exp is null.'],
];

const malformed = (): Vector[] => [
  ...WRONG.map(([name, claims, what]) =>
    forged(`claim-${name}`, 'claim_malformed', what, { claims }),
  ),
  ...ENDS.map(([name, exp, what]) =>
    forged(
      `claim-${name}`,
      'receipt_malformed',
      `${what} No log can have seen that: the leaf holds the end in 32 bits.`,
      { claims: { exp } },
    ),
  ),
  forged('iss-list', 'issuer_unknown', 'Its iss is a list.', {
    claims: { iss: ['https://id.example/acme/workforce'] },
  }),
];

const times = (): Vector[] => [
  forged('expired', 'token_expired', 'It expired ten seconds ago.', {
    claims: { iat: NOW - 200, exp: NOW - 10 },
  }),
  forged('expired-at-tolerance', 'token_expired', 'It expired five seconds ago, to the second.', {
    claims: { iat: NOW - 200, exp: NOW - 5 },
  }),
  forged('not-yet-valid', 'token_not_yet_valid', 'Its nbf is a minute ahead.', {
    claims: { nbf: NOW + 60 },
  }),
  forged('from-future', 'token_from_future', 'It was issued a minute from now.', {
    claims: { iat: NOW + 60, exp: NOW + 120 },
  }),
  forged(
    'lifetime-too-long',
    'lifetime_too_long',
    'It lives a day, where the policy allows five minutes.',
    { claims: { exp: NOW + 86_395 } },
    { source: 'Control C-21; CVE-2025-55241' },
  ),
  forged('lifetime-one-second-too-long', 'lifetime_too_long', 'It lives a second too long.', {
    claims: { iat: NOW, exp: NOW + 301 },
  }),
  forged(
    'revoked',
    'token_revoked',
    'A genuine token that was revoked: its bit is set in the feed.',
    { receipt: { index: REVOKED_INDEX } },
  ),
];

export const claimForgeries = (): Vector[] => [...missing(), ...malformed(), ...times()];

// Forgeries with keys: stolen ones of other realms, dead ones, borrowed ones, invented ones; and
// with the algorithm that says how a key is used.

import { constants, createHmac, createPublicKey, sign } from 'node:crypto';
import type { Members, TokenPlan } from './build-token.ts';
import {
  AWAY,
  attackerKey,
  CUSTOMER,
  customerKey,
  GLOBEX,
  globexEcKey,
  keys,
  NOW,
  unpublishedKey,
} from './build-world.ts';
import { unloggedKeys } from './forge-unlogged-keys.ts';
import { forged, type Vector } from './vector.ts';

const STORM = 'Storm-0558 (CSRB review, March 2024, p. 6)';
const RFC8725 = (section: string) => ({ source: `RFC 8725 §${section}` });

const hmac = (secret: string) => (input: string) =>
  createHmac('sha256', secret).update(input).digest();
/** Without salt, so that it comes out the same every time. */
const pss = (input: string) =>
  sign('sha256', Buffer.from(input), {
    key: keys.rs256.privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 0,
  });
const pem = createPublicKey(keys.rs256.privateKey).export({ format: 'pem', type: 'spki' });
/** Signed by an unpublished key of the attacker, who brings it along in some header member. */
const bringing = (header: Members): TokenPlan => ({ key: attackerKey, header, receipt: 'none' });
const badKeys: [string, keyof typeof keys, string, string][] = [
  ['key-expired', 'expired', 'key_expired', 'Signed by a key of this issuer that expired.'],
  ['key-too-old', 'tooOld', 'key_too_old', 'Its key is older than the policy allows.'],
  ['key-not-yet-valid', 'early', 'key_not_yet_valid', 'Signed by a key before its time.'],
  ['key-without-alg', 'noAlg', 'key_algorithm_mismatch', 'The key does not say its algorithm.'],
  ['key-without-issuer', 'noIssuer', 'key_scope_missing', 'The key does not say whose it is.'],
  ['key-without-tenant', 'noTenant', 'key_scope_missing', 'The key does not say its tenant.'],
  ['key-without-start', 'noStart', 'key_scope_missing', 'The key does not say since when.'],
  ['key-without-end', 'noEnd', 'key_scope_missing', 'The key does not say until when.'],
  ['key-without-types', 'noTypes', 'key_scope_missing', 'The key does not say what it may sign.'],
  ['key-end-as-text', 'badEnd', 'key_unknown', 'The end of the key is text: no end to some.'],
  ['key-for-id-tokens', 'idOnly', 'key_type_out_of_scope', 'The key may sign ID tokens only.'],
  ['key-for-encryption', 'encryption', 'key_unknown', 'The key is published for encryption.'],
  ['key-of-other-tenant', 'otherTenant', 'key_tenant_mismatch', 'The key is another tenant’s.'],
  ['key-quarantined', 'quarantined', 'key_quarantined', 'The feed has quarantined the key.'],
];

const stolen = (): Vector[] => [
  forged(
    'storm-0558-consumer-key',
    'key_issuer_mismatch',
    'An enterprise token signed by an expired consumer key that the shared key set lists.',
    { key: keys.consumer },
    { source: STORM },
  ),
  forged(
    'storm-0558-no-receipt',
    'key_issuer_mismatch',
    'The same without a receipt: how it really was.',
    { key: keys.consumer, receipt: 'none' },
    { source: STORM },
  ),
  forged(
    'consumer-key-still-valid',
    'key_issuer_mismatch',
    'A consumer key in its prime, listed in the enterprise key set, speaks for enterprise.',
    { key: keys.consumerValid },
    { source: STORM },
  ),
  forged(
    'customer-key-not-listed',
    'key_unknown',
    "Signed by the customer issuer's key, which the workforce issuer does not list.",
    { key: customerKey },
  ),
  ...badKeys.map(([name, key, code, what]) => forged(name, code, what, { key: keys[key] })),
  forged('key-unpublished', 'key_unknown', 'Signed by a key nobody publishes.', {
    key: unpublishedKey,
  }),
  forged(
    'key-set-away',
    'keys_unavailable',
    'The key set of its issuer cannot be fetched: nothing is known, so nothing is accepted.',
    { claims: { iss: AWAY } },
  ),
  forged(
    'signed-by-attacker-under-genuine-kid',
    'signature_invalid',
    "The attacker's own key under the kid of a genuine one.",
    { key: keys.es256, sign: (input) => attackerKey.sign(input) },
  ),
];

const borrowed = (): Vector[] => [
  forged(
    'header-jwk',
    'header_member_forbidden',
    'It brings its own public key in jwk.',
    bringing({ jwk: attackerKey.publicJwk }),
    { source: 'CVE-2018-0114' },
  ),
  forged(
    'header-jku',
    'header_member_forbidden',
    "It names the attacker's key set in jku.",
    bringing({ jku: 'https://evil.example/jwks' }),
    RFC8725('3.10'),
  ),
  forged(
    'header-x5u',
    'header_member_forbidden',
    "It names the attacker's certificate in x5u.",
    bringing({ x5u: 'https://evil.example/cert.pem' }),
    RFC8725('3.10'),
  ),
  forged(
    'header-x5c',
    'header_member_forbidden',
    'It brings its own certificate in x5c.',
    bringing({ x5c: ['MIIBszCCAVmgAwIBAgIUQ2hhbGxlbmdl'] }),
  ),
  forged(
    'header-jwk-with-receipt',
    'header_member_forbidden',
    'A genuine token whose header was given a jwk before it was signed.',
    { header: { jwk: keys.eddsa.publicJwk } },
  ),
  forged(
    'header-extra-beside-receipt',
    'header_member_forbidden',
    'A harmless extra header member, which the receipt does not cover.',
    { header: { cty: 'JWT' } },
  ),
  forged('header-zip', 'header_member_forbidden', 'It claims that its payload is compressed.', {
    header: { zip: 'DEF' },
  }),
  forged(
    'header-crit-unknown',
    'header_critical_unknown',
    'It demands an extension nobody has.',
    { header: { crit: ['https://evil.example/ext'], 'https://evil.example/ext': true } },
    { source: 'RFC 7515 §4.1.11' },
  ),
  forged('header-crit-empty', 'header_critical_unknown', 'Its crit is an empty list.', {
    header: { crit: [] },
  }),
  forged(
    'header-crit-b64',
    'header_critical_unknown',
    'It demands that its payload be taken unencoded.',
    { header: { crit: ['b64'], b64: false } },
    { source: 'RFC 7797' },
  ),
  forged('kid-path-traversal', 'key_unknown', 'Its kid is a path out of some folder.', {
    header: { kid: '../../../../dev/null' },
  }),
  forged('kid-injection', 'key_unknown', 'Its kid is a piece of SQL.', {
    header: { kid: "x' UNION SELECT 'secret' --" },
  }),
  forged('kid-prototype', 'key_unknown', 'Its kid is a member that every object inherits.', {
    header: { kid: '__proto__' },
  }),
  forged('kid-number', 'token_malformed', 'Its kid is a number.', { header: { kid: 1 } }),
  forged('kid-missing', 'token_malformed', 'It names no key.', { header: { kid: undefined } }),
];

const algorithms = (): Vector[] => [
  ...['none', 'None', 'nOnE'].map((alg) =>
    forged(
      `alg-${alg}`.replace('None', 'none-capital').replace('nOnE', 'none-mixed'),
      'algorithm_not_allowed',
      `Unsigned, with alg ${alg} and an empty signature.`,
      { header: { alg }, sign: () => '' },
      RFC8725('2.1'),
    ),
  ),
  forged(
    'alg-none-with-signature',
    'algorithm_not_allowed',
    'alg none above a signature that is good for EdDSA.',
    { header: { alg: 'none' } },
  ),
  forged(
    'alg-hs256-public-key-pem',
    'algorithm_not_allowed',
    'HMAC with the public RSA key, in PEM, as the secret.',
    { key: keys.rs256, header: { alg: 'HS256' }, sign: hmac(String(pem)) },
    { source: 'CVE-2015-9235; RFC 8725 §2.1' },
  ),
  forged(
    'alg-hs256-public-key-jwk',
    'algorithm_not_allowed',
    'HMAC with the public key, as its JWK text, as the secret.',
    { header: { alg: 'HS256' }, sign: hmac(JSON.stringify(keys.eddsa.publicJwk)) },
  ),
  forged('alg-hs256-empty-secret', 'algorithm_not_allowed', 'HMAC with an empty secret.', {
    header: { alg: 'HS256' },
    sign: hmac(''),
  }),
  forged(
    'alg-ps256',
    'algorithm_not_allowed',
    'A genuine RSA key used with PSS, which the policy does not list.',
    {
      key: keys.rs256,
      header: { alg: 'PS256' },
      sign: pss,
    },
  ),
  forged('alg-of-other-key-type', 'key_algorithm_mismatch', 'alg RS256 above an Ed25519 key.', {
    header: { alg: 'RS256' },
  }),
  forged('alg-missing', 'token_malformed', 'It does not say its algorithm.', {
    header: { alg: undefined },
  }),
  forged('alg-array', 'token_malformed', 'Its alg is a list.', { header: { alg: ['EdDSA'] } }),
  forged(
    'alg-not-for-this-issuer',
    'algorithm_not_allowed',
    'A good ES256 signature by an issuer that the policy allows EdDSA only.',
    { key: globexEcKey, claims: { iss: GLOBEX, tenant: 'globex' } },
    RFC8725('3.1'),
  ),
  forged('rs256-with-sha1', 'signature_invalid', 'Signed by the genuine RSA key, over SHA-1.', {
    key: keys.rs256,
    sign: (input) => sign('sha1', Buffer.from(input), keys.rs256.privateKey),
  }),
  forged(
    'rs256-with-pss',
    'signature_invalid',
    'alg RS256 above a PSS signature by the genuine RSA key.',
    { key: keys.rs256, sign: pss },
  ),
  forged(
    'cve-2025-55241-unsigned-actor-token',
    'algorithm_not_allowed',
    'An unsigned token of a service that says it acts for a user, for a day.',
    {
      header: { alg: 'none' },
      claims: { act: { sub: 'exchange-service' }, exp: NOW + 86_395 },
      receipt: 'none',
      sign: () => '',
    },
    { source: 'CVE-2025-55241' },
  ),
  forged(
    'issuer-changed-to-customer',
    'key_unknown',
    'A workforce key signs a token that names the customer issuer.',
    { claims: { iss: CUSTOMER } },
  ),
];

export const keyForgeries = (): Vector[] => [
  ...stolen(),
  ...unloggedKeys(),
  ...borrowed(),
  ...algorithms(),
];

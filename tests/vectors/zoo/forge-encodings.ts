// Forgeries with form: other spellings of the same bytes, names used twice, parts missing or many,
// signatures that some library once took for good.

import { buildToken, encode, type TokenPlan } from './build-token.ts';
import { keys } from './build-world.ts';
import { forged, type Vector } from './vector.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Sets unused bits of the last character: the same bytes in another spelling. */
function trailingBits(segment: string): string {
  const last = ALPHABET.indexOf(segment.at(-1) ?? '');
  if (segment.length % 4 === 0) throw new Error('this segment has no unused bits');
  return segment.slice(0, -1) + (ALPHABET[last | 1] ?? '');
}

/** A payload of a length that leaves unused bits. */
const padded = (name: string) => {
  const pad = [0, 1, 2].find(
    (count) =>
      buildToken(name, 'at+jwt', { claims: { pad: 'x'.repeat(count) } }).payload.length % 4 !== 0,
  );
  return { claims: { pad: 'x'.repeat(pad ?? 0) } };
};

const claimsText = (name: string) => JSON.stringify(buildToken(name, 'at+jwt', {}).claims);
const duplicated = (name: string, extra: string) => ({
  payloadText: claimsText(name).replace('{', `{${extra},`),
});

const names = (): Vector[] => [
  forged(
    'duplicate-in-payload',
    'json_duplicate_member',
    'Its payload names the tenant twice: two readers may believe different ones.',
    duplicated('duplicate-in-payload', '"tenant":"globex"'),
    { source: 'RFC 7519 §4' },
  ),
  forged(
    'duplicate-in-payload-escaped',
    'json_duplicate_member',
    'The second spelling of the name uses an escape.',
    duplicated('duplicate-in-payload-escaped', '"\\u0073ub":"admin"'),
  ),
  forged(
    'duplicate-nested',
    'json_duplicate_member',
    'A member inside a claim is named twice.',
    duplicated('duplicate-nested', '"cfg":{"a":1,"a":2}'),
  ),
  forged(
    'duplicate-in-header',
    'json_duplicate_member',
    'Its header names kid twice.',
    { headerText: (header) => header.replace('{', '{"kid":"work-2020",') },
    { source: 'RFC 7515 §4' },
  ),
  forged('duplicate-receipt', 'json_duplicate_member', 'Its header carries two receipts.', {
    headerText: (header) => header.replace('{', '{"itr":"AAAA",'),
  }),
  forged(
    'case-variant-claim',
    'claim_malformed',
    'Beside its tenant it has a Tenant, which some readers take for the same.',
    { claims: { Tenant: 'globex' } },
    { source: 'Control C-18' },
  ),
];

const spellings = (): Vector[] => [
  ...(['header', 'payload', 'signature'] as const).map((part) =>
    forged(
      `trailing-bits-${part}`,
      'encoding_not_canonical',
      `Unused bits are set in the last character of its ${part}: same bytes, other token.`,
      part === 'header' ? longHeader('trailing-bits-header') : padded(`trailing-bits-${part}`),
      { source: 'RFC 4648 §3.5' },
      (built) => built.token.replace(built[part], trailingBits(built[part])),
    ),
  ),
  forged(
    'padding',
    'encoding_not_canonical',
    'Its signature is padded with =.',
    {},
    {},
    (built) => `${built.token}==`,
  ),
  forged(
    'standard-alphabet',
    'encoding_not_canonical',
    'Its signature is in the other base64 alphabet.',
    { key: keys.rs256 },
    {},
    ({ header, payload, signature }) =>
      `${header}.${payload}.${signature.replaceAll('-', '+').replaceAll('_', '/')}`,
  ),
  forged(
    'leading-space',
    'encoding_not_canonical',
    'A space before it.',
    {},
    {},
    ({ token }) => ` ${token}`,
  ),
  forged(
    'trailing-newline',
    'encoding_not_canonical',
    'A newline after it.',
    {},
    {},
    ({ token }) => `${token}\n`,
  ),
  forged(
    'space-inside',
    'encoding_not_canonical',
    'A space inside its payload, which loose decoders skip.',
    {},
    {},
    ({ header, payload, signature }) =>
      `${header}.${payload.slice(0, 8)} ${payload.slice(8)}.${signature}`,
  ),
  forged(
    'non-ascii-letter',
    'encoding_not_canonical',
    'A letter that is no base64url, which loose decoders skip.',
    {},
    {},
    ({ header, payload, signature }) => `${header}.${payload}.${signature}é`,
  ),
];

/** The receipt decides the header's length: one that leaves unused bits. */
function longHeader(name: string): TokenPlan {
  const plans: TokenPlan[] = [0, 1, 2, 3].map((log2Span) => ({
    receipt: { index: 160, log2Span },
  }));
  const leaves = (plan: TokenPlan) => buildToken(name, 'at+jwt', plan).header.length % 4 !== 0;
  return plans.find(leaves) ?? {};
}

const parts = (): Vector[] => [
  forged('empty-token', 'token_malformed', 'There is nothing.', {}, {}, () => ''),
  forged(
    'two-parts',
    'token_malformed',
    'No signature part.',
    {},
    {},
    ({ header, payload }) => `${header}.${payload}`,
  ),
  forged('four-parts', 'token_malformed', 'A fourth part.', {}, {}, ({ token }) => `${token}.AAAA`),
  forged(
    'five-parts',
    'token_malformed',
    'An encrypted token (JWE).',
    {},
    {},
    ({ header, payload, signature }) => `${header}.${payload}.${signature}.AAAA.AAAA`,
  ),
  forged(
    'empty-header',
    'token_malformed',
    'An empty header part.',
    {},
    {},
    (built) => `.${built.payload}.${built.signature}`,
  ),
  forged(
    'empty-payload',
    'token_malformed',
    'An empty payload part.',
    {},
    {},
    (built) => `${built.header}..${built.signature}`,
  ),
  forged('json-serialization', 'token_malformed', 'The JSON form of a JWS.', {}, {}, (built) =>
    JSON.stringify({ payload: built.payload, protected: built.header, signature: built.signature }),
  ),
  forged('header-is-a-list', 'token_malformed', 'Its header is a JSON list.', {
    headerText: () => '[]',
  }),
  forged('header-is-null', 'token_malformed', 'Its header is null.', { headerText: () => 'null' }),
  forged('payload-is-a-list', 'token_malformed', 'Its payload is a JSON list.', {
    payloadText: '[]',
  }),
  forged('payload-is-text', 'token_malformed', 'Its payload is no JSON.', { payloadText: 'alice' }),
  forged('payload-not-utf8', 'token_malformed', 'Its payload is not UTF-8.', {
    payloadText: Buffer.from(
      claimsText('payload-not-utf8').replace('alice', 'al\u00efce'),
      'latin1',
    ),
  }),
  forged('payload-byte-order-mark', 'token_malformed', 'A byte order mark before its payload.', {
    payloadText: `\ufeff${claimsText('payload-byte-order-mark')}`,
  }),
  forged('payload-trailing-garbage', 'token_malformed', 'Text after its payload.', {
    payloadText: `${claimsText('payload-trailing-garbage')}{}`,
  }),
  forged('payload-comment', 'token_malformed', 'A comment in its payload.', {
    payloadText: claimsText('payload-comment').replace('{', '{/* */'),
  }),
  forged('payload-too-deep', 'token_malformed', 'A claim nested 200 deep.', {
    payloadText: claimsText('payload-too-deep').replace(
      '{',
      `{"deep":${'['.repeat(200)}${']'.repeat(200)},`,
    ),
  }),
  forged('too-large', 'token_too_large', 'Longer than any token needs to be.', {
    claims: { pad: 'x'.repeat(13_000) },
  }),
];

const signatures = (): Vector[] => [
  forged(
    'psychic-signature',
    'signature_invalid',
    'An ES256 signature of zeros.',
    { key: keys.es256, sign: () => Buffer.alloc(64) },
    { source: 'CVE-2022-21449' },
  ),
  forged('signature-empty', 'signature_invalid', 'The signature part is empty.', {
    sign: () => '',
  }),
  forged('signature-der', 'signature_invalid', 'An ES256 signature in DER.', {
    key: keys.es256,
    sign: (input) => toDer(keys.es256.sign(input)),
  }),
  forged('signature-cut', 'signature_invalid', 'A signature one byte short.', {
    sign: (input) => keys.eddsa.sign(input).subarray(0, 63),
  }),
  forged('signature-long', 'signature_invalid', 'A signature with a byte too many.', {
    sign: (input) => Buffer.concat([keys.eddsa.sign(input), Buffer.of(0)]),
  }),
  forged('signature-malleable', 'signature_invalid', 'An Ed25519 signature with S + L.', {
    sign: (input) => addOrder(keys.eddsa.sign(input)),
  }),
  forged('signature-of-other-token', 'signature_invalid', 'The signature of another token.', {
    sign: () => buildToken('another token', 'at+jwt', {}).signature,
  }),
  forged(
    'payload-changed',
    'signature_invalid',
    'A claim was changed after signing.',
    {},
    {},
    ({ header, claims, signature }) =>
      `${header}.${encode(JSON.stringify({ ...claims, sub: 'admin' }))}.${signature}`,
  ),
  forged(
    'header-changed',
    'signature_invalid',
    'The receipt was taken out after signing.',
    {},
    {},
    ({ payload, signature }) =>
      `${encode(JSON.stringify({ alg: 'EdDSA', kid: 'work-eddsa', typ: 'at+jwt' }))}.${payload}.${signature}`,
  ),
];

/** RFC 3279 §2.2.3. */
function toDer(signature: Buffer): Buffer {
  const integer = (bytes: Buffer) => {
    const first = bytes.findIndex((byte) => byte !== 0);
    const short = bytes.subarray(first < 0 ? 31 : first);
    const value = (short[0] ?? 0) >= 128 ? Buffer.concat([Buffer.of(0), short]) : short;
    return Buffer.concat([Buffer.of(2, value.length), value]);
  };
  const both = Buffer.concat([integer(signature.subarray(0, 32)), integer(signature.subarray(32))]);
  return Buffer.concat([Buffer.of(0x30, both.length), both]);
}

/** RFC 8032 §8.4: S must be below the order of the group. */
function addOrder(signature: Buffer): Buffer {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
  const bytes = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
  return Buffer.concat([signature.subarray(0, 32), bytes]);
}

export const encodingForgeries = (): Vector[] => [
  ...names(),
  ...spellings(),
  ...parts(),
  ...signatures(),
];

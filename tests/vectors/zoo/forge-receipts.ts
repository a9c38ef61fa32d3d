// Forgeries by a thief who holds the issuer's signing key: every signature here is good, and only
// the receipt tells. Most raise the alarm, because only the key's thief can make them.

import {
  checkpointKey,
  type ReceiptFields,
  receiptKey,
  retiredReceiptKey,
  strangerReceiptKey,
} from './build-receipt.ts';
import { buildToken, type TokenPlan } from './build-token.ts';
import { CUSTOMER, keys, NOW, NOW_MS } from './build-world.ts';
import { TAGS } from './genuine.ts';
import { forged, ID, type Vector } from './vector.ts';

type Field = keyof ReceiptFields;

const FIELDS: [Field, string, string][] = [
  ['version', 'receipt_malformed', 'version'],
  ['keyId', 'receipt_key_unknown', 'key id'],
  ['index', 'receipt_invalid', 'index'],
  ['issuedMs', 'receipt_invalid', 'time'],
  ['flags', 'receipt_malformed', 'flags'],
  ['userTag', 'receipt_invalid', 'user tag'],
  ['instanceTag', 'receipt_invalid', 'instance tag'],
  ['log2Span', 'receipt_malformed', 'span'],
  ['proofLength', 'receipt_malformed', 'proof length'],
  ['proof', 'receipt_invalid', 'proof'],
  ['signature', 'receipt_invalid', 'signature'],
];

const tagged: TokenPlan = { leaf: { tags: TAGS }, receipt: { index: 77, log2Span: 4 } };

function flipped(field: Field, at: (length: number) => number) {
  return (fields: ReceiptFields): ReceiptFields => {
    const bytes = Buffer.from(fields[field]);
    const place = at(bytes.length);
    bytes[place] = (bytes[place] ?? 0) ^ 0x40;
    return { ...fields, [field]: bytes };
  };
}

const kebab = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const damaged = (): Vector[] => [
  ...FIELDS.map(([field, code, name]) =>
    forged(
      `receipt-flipped-${kebab(field)}`,
      code,
      `One bit of the receipt's ${name} is flipped, in its first byte.`,
      { ...tagged, damageReceipt: flipped(field, () => 0) },
    ),
  ),
  ...(['index', 'proof', 'signature'] as const).map((field) =>
    forged(
      `receipt-flipped-last-${field}`,
      'receipt_invalid',
      `One bit of the receipt's ${field} is flipped, in its last byte.`,
      { ...tagged, damageReceipt: flipped(field, (length) => length - 1) },
    ),
  ),
  forged('receipt-cut', 'receipt_malformed', 'The receipt lacks its last byte.', {
    damageReceipt: (fields) => Buffer.concat(Object.values(fields)).subarray(0, -1),
  }),
  forged('receipt-long', 'receipt_malformed', 'The receipt has a byte too many.', {
    damageReceipt: (fields) => Buffer.concat([...Object.values(fields), Buffer.of(0)]),
  }),
  forged('receipt-empty', 'receipt_malformed', 'The receipt is empty.', {
    damageReceipt: () => Buffer.alloc(0),
  }),
  forged('receipt-version-0', 'receipt_malformed', 'The receipt is of version 0.', {
    damageReceipt: (fields) => ({ ...fields, version: Buffer.of(0) }),
  }),
  forged('receipt-of-8192', 'receipt_malformed', 'The receipt covers more than may be.', {
    receipt: { index: 5_000, log2Span: 13 },
  }),
  forged('receipt-short-proof', 'receipt_malformed', 'Fewer hashes than the span asks for.', {
    ...tagged,
    damageReceipt: (fields) => ({
      ...fields,
      proofLength: Buffer.of(3),
      proof: fields.proof.subarray(32),
    }),
  }),
  forged('receipt-padded', 'receipt_malformed', 'The receipt is padded with =.', {
    itr: (receipt) => `${receipt}=`,
  }),
  forged('receipt-list', 'receipt_malformed', 'The receipt is a list with a good receipt.', {
    itr: (receipt) => [receipt],
  }),
  forged('receipt-object', 'receipt_malformed', 'The receipt is an object.', {
    itr: (receipt) => ({ receipt }),
  }),
  forged('receipt-null', 'receipt_malformed', 'The receipt is null.', { itr: () => null }),
  forged('receipt-huge', 'receipt_malformed', 'The receipt is 4,000 characters of nothing.', {
    itr: () => 'A'.repeat(4_000),
  }),
];

const foreign = (): Vector[] => [
  forged(
    'receipt-missing',
    'receipt_missing',
    'A perfect token by the stolen key, which no log has seen.',
    { receipt: 'none' },
    { source: 'The forgery this product exists for' },
  ),
  forged('receipt-missing-es256', 'receipt_missing', 'The same by the stolen ES256 key.', {
    key: keys.es256,
    receipt: 'none',
  }),
  forged(
    'receipt-missing-and-expired',
    'receipt_missing',
    'Expired as well: the stolen key is told all the same.',
    { receipt: 'none', claims: { iat: NOW - 4_000, exp: NOW - 3_900 } },
  ),
  forged(
    'receipt-missing-other-audience',
    'receipt_missing',
    'For another audience as well: the stolen key is told all the same.',
    { receipt: 'none', claims: { aud: 'https://other.example' } },
  ),
  forged('receipt-swapped', 'receipt_invalid', 'The receipt of another genuine token.', {
    itr: () => buildToken('genuine-access-eddsa', 'at+jwt', {}).receipt,
  }),
  forged(
    'receipt-of-former-payload',
    'receipt_invalid',
    'A genuine receipt; one claim was changed before the stolen key signed again.',
    {
      claims: { sub: 'admin' },
      itr: () => buildToken('receipt-of-former-payload', 'at+jwt', {}).receipt,
    },
  ),
  forged(
    'receipt-of-reserialised-payload',
    'receipt_invalid',
    'The same claims, with a space more than the log saw.',
    {
      payloadText: JSON.stringify(
        buildToken('receipt-of-reserialised-payload', 'at+jwt', {}).claims,
      ).replace(':', ': '),
      itr: () => buildToken('receipt-of-reserialised-payload', 'at+jwt', {}).receipt,
    },
  ),
  forged('receipt-for-other-kid', 'receipt_invalid', 'The log saw it under another key.', {
    leaf: { kid: keys.es256.kid },
  }),
  forged('receipt-for-other-alg', 'receipt_invalid', 'The log saw it with another algorithm.', {
    leaf: { alg: 'ES256' },
  }),
  forged('receipt-for-other-issuer', 'receipt_invalid', 'The log saw it from another issuer.', {
    leaf: { iss: CUSTOMER },
  }),
  forged(
    'receipt-for-id-token',
    'receipt_invalid',
    'The log saw an ID token; it is shown as an access token.',
    { leaf: { typ: 'JWT' } },
  ),
  forged(
    'receipt-for-access-token',
    'receipt_invalid',
    'The log saw an access token; it is shown as an ID token.',
    { leaf: { typ: 'at+jwt' } },
    { typ: 'JWT', context: ID },
  ),
  forged('receipt-for-other-expiry', 'receipt_invalid', 'The log saw an earlier end.', {
    leaf: { expiresAtSeconds: NOW + 60 },
  }),
];

const logs = (): Vector[] => [
  forged('receipt-of-stranger-log', 'receipt_key_unknown', 'From a log nobody pinned.', {
    receipt: { signer: strangerReceiptKey },
  }),
  forged(
    'receipt-of-stranger-named-ours',
    'receipt_invalid',
    'From a log nobody pinned, under the key id of the pinned one.',
    { receipt: { signer: strangerReceiptKey, keyId: receiptKey.id, origin: receiptKey.name } },
  ),
  forged('receipt-of-retired-key', 'receipt_key_unknown', 'Signed by a retired log key.', {
    receipt: { signer: retiredReceiptKey },
  }),
  forged(
    'receipt-by-checkpoint-key',
    'receipt_key_unknown',
    "Signed by the log's checkpoint key, which signs no receipts.",
    { receipt: { signer: checkpointKey } },
  ),
  forged(
    'receipt-by-checkpoint-key-renamed',
    'receipt_invalid',
    "Signed by the log's checkpoint key, under the id of its receipt key.",
    { receipt: { signer: checkpointKey, keyId: receiptKey.id } },
  ),
  forged(
    'receipt-for-other-origin',
    'receipt_invalid',
    'The pinned key signed it for a log of another name.',
    { receipt: { origin: 'stranger.example/log' } },
  ),
  forged(
    'receipt-by-other-cosigner',
    'receipt_invalid',
    'The signed message names another cosigner.',
    { receipt: { cosigner: 'witness.example' } },
  ),
  forged(
    'receipt-misaligned',
    'receipt_invalid',
    'The log signed a span of 16 that does not begin at a multiple of 16.',
    { receipt: { index: 163, log2Span: 4, start: 161 } },
  ),
  forged(
    'receipt-other-span',
    'receipt_invalid',
    'The log signed the span beside the one its index lies in.',
    { receipt: { index: 163, log2Span: 4, start: 176 } },
  ),
  forged('receipt-from-future', 'receipt_time_skew', 'The log dates it 61 seconds after its iat.', {
    leaf: { issuedMs: NOW_MS - 5_000 + 61_000 },
  }),
  forged(
    'receipt-held-in-stock',
    'receipt_time_skew',
    'The log saw it 61 seconds before its iat: it was held in stock.',
    { leaf: { issuedMs: NOW_MS - 5_000 - 61_000 } },
  ),
];

export const receiptForgeries = (): Vector[] => [...damaged(), ...foreign(), ...logs()];

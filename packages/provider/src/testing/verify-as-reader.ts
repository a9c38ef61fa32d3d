// Checks a token as a resource server would: signature by the published key, receipt by the log's.

import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { openReceiptLog, parseVerifierKey, verifyReceipt } from '@countersign/verifier';
import type { World } from './open-world.ts';
import { readToken } from './seed-acme.ts';

/** @returns the log index the receipt proves. */
export async function verifyAsReader(world: World, token: string): Promise<number> {
  const { header, claims } = readToken(token);
  const [headerSegment = '', payloadSegment = '', signature = ''] = token.split('.');
  const answer = await fetch(`${String(claims['iss'])}/jwks`);
  const { keys } = (await answer.json()) as { keys: (JsonWebKey & { kid: string })[] };
  const jwk = keys.find(({ kid }) => kid === header['kid']);
  assert.ok(jwk, 'the key is published');
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const signed = verify(
    header['alg'] === 'EdDSA' ? null : 'sha256',
    Buffer.from(`${headerSegment}.${payloadSegment}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  assert.ok(signed, 'the signature is good');

  const { origin, keys: logKeys } = world.log.identity;
  const verdict = await verifyReceipt(
    Buffer.from(String(header['itr']), 'base64url'),
    {
      iss: String(claims['iss']),
      kid: String(header['kid']),
      alg: String(header['alg']),
      typ: String(header['typ']),
      payloadSegment,
      expiresAtSeconds: Number(claims['exp']),
    },
    [await openReceiptLog(origin, parseVerifierKey(logKeys.receipt))],
  );
  assert.ok(verdict.ok, 'the receipt is good');
  return verdict.index;
}

// Makes tokens with a stolen key: whatever claims, whatever header, a signature that is good.

import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { commitToken, encodeLeafEntry } from '@countersign/verifier';
import type { Claims } from './read-claims.ts';

/** What is needed to sign with somebody else's key, wherever it came from. */
export interface ForgingKey {
  record: { kid: string; alg: string };
  privateKey: KeyObject;
}

export interface Draft {
  key: ForgingKey;
  /** Issuer that the token claims; may be another than the key's. */
  issuer: string;
  payloadSegment: string;
  claims: Claims;
}

const LIFETIME_SECONDS = 300;

/**
 * A payload with everything a verifier asks for, taken over from a genuine token; `changes` is what
 * the attacker is after.
 */
export function draftToken(key: ForgingKey, genuine: Claims, changes: Claims): Draft {
  const now = Math.floor(Date.now() / 1000);
  const claims: Claims = {
    ...genuine,
    iat: now,
    exp: now + LIFETIME_SECONDS,
    jti: randomBytes(16).toString('base64url'),
    root_auth_id: randomBytes(16).toString('base64url'),
    ...changes,
  };
  const payloadSegment = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return { key, issuer: String(claims['iss']), payloadSegment, claims };
}

/** The leaf that the log would hold, had the token been issued. */
export function leafOf(
  { key, issuer, payloadSegment, claims }: Draft,
  issuedMs: number,
): Uint8Array {
  const { kid, alg } = key.record;
  const commitment = commitToken({ iss: issuer, kid, alg, typ: 'at+jwt', payloadSegment });
  return encodeLeafEntry({
    type: 'access',
    issuedMs,
    expiresAtSeconds: Number(claims['exp']),
    commitment,
  });
}

/** Signs a draft, with a receipt in its header when the attacker has one. */
export function signDraft({ key, payloadSegment }: Draft, receipt?: Uint8Array): string {
  const { kid, alg } = key.record;
  const itr = receipt === undefined ? {} : { itr: Buffer.from(receipt).toString('base64url') };
  const header = Buffer.from(JSON.stringify({ alg, kid, typ: 'at+jwt', ...itr })).toString(
    'base64url',
  );
  const input = Buffer.from(`${header}.${payloadSegment}`);
  const signature =
    alg === 'EdDSA'
      ? sign(null, input, key.privateKey)
      : sign('sha256', input, { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

/** Lower-case hex SHA-256: how findings and reports name a token. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

// Checks a reported token's signature under every key this house ever had: only whoever holds one
// of them can make a forgery that is believed here, so a lying verifier cannot raise the alarm.

import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { EvidenceVerdict } from '@countersign/audit';
import type { PublicKeyRecord, SignerClient } from '@countersign/keys';
import { decodeBase64url, decodeReceipt, readJson } from '@countersign/verifier';

const NOT_OURS: EvidenceVerdict = { signatureValid: false };

/** The signer takes no longer one; ours have 43 characters. */
const KID_LIMIT = 255;

type Members = Record<string, unknown>;

/** @returns a checker that throws only when the signer cannot say which keys there are. */
export function createEvidenceCheck(
  signer: SignerClient,
  originOf?: (receipt: Uint8Array) => string,
): (token: string) => Promise<EvidenceVerdict> {
  const imported = new Map<string, KeyObject>();
  return async (token) => {
    const parts = token.split('.');
    const header = readPart(parts[0]);
    const payload = readPart(parts[1]);
    const signature = decodeBase64url(parts[2] ?? '');
    if (
      parts.length !== 3 ||
      header === undefined ||
      payload === undefined ||
      signature === undefined
    )
      return NOT_OURS;
    const kid = header['kid'];
    if (typeof kid !== 'string' || kid.length > KID_LIMIT) return NOT_OURS;
    const key = (await signer.listKeys(undefined, { kid })).find(
      (one) => one.kid === kid && one.alg === header['alg'],
    );
    if (key === undefined) return NOT_OURS;
    const publicKey =
      imported.get(key.kid) ?? createPublicKey({ key: key.publicJwk as JsonWebKey, format: 'jwk' });
    imported.set(key.kid, publicKey);
    const signingInput = Buffer.from(`${parts[0]}.${parts[1]}`, 'ascii');
    return isSignature(key, publicKey, signingInput, signature)
      ? describe(key, header, payload, originOf)
      : NOT_OURS;
  };
}

function isSignature(
  { alg }: PublicKeyRecord,
  publicKey: KeyObject,
  data: Buffer,
  signature: Uint8Array,
): boolean {
  if (alg === 'ES256')
    return verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
  return verify(alg === 'RS256' ? 'sha256' : null, data, publicKey, signature);
}

/** A part that is not canonical base64url of a JSON object says nothing. */
function readPart(segment: string | undefined): Members | undefined {
  const bytes = segment === undefined ? undefined : decodeBase64url(segment);
  if (bytes === undefined) return undefined;
  try {
    const value = readJson(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Members)
      : undefined;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function describe(
  key: PublicKeyRecord,
  header: Members,
  payload: Members,
  originOf: ((receipt: Uint8Array) => string) | undefined,
): EvidenceVerdict {
  const verdict: EvidenceVerdict = {
    signatureValid: true,
    issuer: key.scope.issuer,
    kid: key.kid,
    alg: key.alg,
  };
  const { aud } = payload;
  if (typeof header['typ'] === 'string') verdict.typ = header['typ'];
  if (typeof payload['sub'] === 'string') verdict.subject = payload['sub'];
  if (typeof payload['client_id'] === 'string') verdict.clientId = payload['client_id'];
  if (typeof aud === 'string') verdict.audience = [aud];
  else if (Array.isArray(aud)) verdict.audience = aud.filter((value) => typeof value === 'string');
  if (typeof payload['jti'] === 'string')
    verdict.jtiHash = createHash('sha256').update(payload['jti']).digest('hex');
  if (typeof payload['root_auth_id'] === 'string') verdict.rootAuthId = payload['root_auth_id'];
  const claimed = typeof header['itr'] === 'string' ? claimedPlace(header['itr'], originOf) : {};
  return { ...verdict, ...claimed };
}

/** Where the receipt says the token was logged, true or not. */
function claimedPlace(
  itr: string,
  originOf: ((receipt: Uint8Array) => string) | undefined,
): Pick<EvidenceVerdict, 'logIndex' | 'logOrigin'> {
  const bytes = decodeBase64url(itr);
  if (bytes === undefined) return {};
  try {
    const logIndex = decodeReceipt(bytes).index;
    return originOf === undefined ? { logIndex } : { logIndex, logOrigin: originOf(bytes) };
  } catch (error) {
    if (error instanceof Error) return {};
    throw error;
  }
}

// Checks AWS Signature Version 4 as a service of AWS does, written from its specification and with none
// of the SDK's code: the stand-in for KMS believes no request that was not signed for it.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface SignedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Secrets {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;
/** What a signature must cover for us: where it goes, when, and which operation it asks. */
const MUST_SIGN = ['host', 'x-amz-date', 'x-amz-target'];
const SKEW_MS = 5 * 60_000;

/** The name of AWS's error, or undefined when the request is signed as it should be. */
export function faultOf(request: SignedRequest, secrets: Secrets): string | undefined {
  const { method, path, headers, body } = request;
  const match = AUTHORIZATION.exec(headers.authorization ?? '');
  if (match === null) return 'MissingAuthenticationToken';
  const [, accessKeyId, day, region, service, signedHeaders, signature] = match as unknown as [
    ...string[],
  ] as [string, string, string, string, string, string, string];
  if (accessKeyId !== secrets.accessKeyId) return 'UnrecognizedClientException';
  const names = signedHeaders.split(';');
  if (MUST_SIGN.some((name) => !names.includes(name))) return 'IncompleteSignature';
  if (region !== secrets.region || service !== 'kms') return 'InvalidSignatureException';
  const date = String(headers['x-amz-date']);
  if (Math.abs(Date.now() - timeOf(date)) > SKEW_MS || !date.startsWith(day)) {
    return 'InvalidSignatureException';
  }
  const canonical = [
    method,
    path,
    '',
    ...names.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders,
    sha256(body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${secrets.secretAccessKey}`,
  );
  const good = timingSafeEqual(hmac(key, toSign), Buffer.from(signature, 'hex'));
  return good ? undefined : 'InvalidSignatureException';
}

/** `20260101T000000Z`. */
function timeOf(date: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date)?.slice(1) ?? [];
  const [year = 0, month = 0, day, hour, minute, second] = parts.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

// A CloudTrail digest file: what it says of the hour it covers, of the log files of that hour, and of
// the digest before it.

import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { type LooseObject, memberOf, objectsOf, textOf } from '../../reading/read-text.ts';
import { timeMsOf } from '../../reading/read-time.ts';

/** A digest lists the files of an hour; this is thousands of times that. */
const LONGEST_DIGEST_BYTES = 256 * 1024 * 1024;

export interface LoggedFile {
  bucket: string;
  object: string;
  /** SHA-256 of the content before compression, lower-case hex. */
  hash: string;
}

export interface Digest {
  /** Where it lies below the folder that is verified, with `/`. */
  path: string;
  bucket: string;
  object: string;
  startMs: number;
  endMs: number;
  /** As it is written, because it is signed as it is written. */
  endTime: string;
  fingerprint: string | undefined;
  algorithm: string | undefined;
  /** SHA-256 of the content before compression, lower-case hex. */
  hash: string;
  previous: { bucket: string; object: string; hash: string | undefined } | undefined;
  /** Hex; undefined in the first digest of a chain. */
  previousSignature: string | undefined;
  files: LoggedFile[];
}

/** Undefined when the bytes are no digest: not gzip, no JSON, or without what a digest must say. */
export function readDigest(path: string, packed: Uint8Array): Digest | undefined {
  const content = inflate(packed);
  if (content === undefined) return undefined;
  const record = parse(content);
  const bucket = textOf(memberOf(record, 'digestS3Bucket'));
  const object = textOf(memberOf(record, 'digestS3Object'));
  const endTime = textOf(memberOf(record, 'digestEndTime'));
  const startMs = timeMsOf(memberOf(record, 'digestStartTime'));
  const endMs = timeMsOf(endTime);
  if (bucket === undefined || object === undefined || endTime === undefined) return undefined;
  if (startMs === undefined || endMs === undefined) return undefined;
  return {
    ...{ path, bucket, object, startMs, endMs, endTime },
    fingerprint: textOf(memberOf(record, 'digestPublicKeyFingerprint')),
    algorithm: textOf(memberOf(record, 'digestSignatureAlgorithm')),
    hash: createHash('sha256').update(content).digest('hex'),
    previous: previousOf(record),
    previousSignature: textOf(memberOf(record, 'previousDigestSignature')),
    files: objectsOf(memberOf(record, 'logFiles')).flatMap(fileOf),
  };
}

/**
 * What the signature is over: the end of the hour, where the digest lies, the hash of its content
 * before compression, and the signature of the digest before, `null` for the first.
 */
export function signedTextOf(digest: Digest): string {
  const place = `${digest.bucket}/${digest.object}`;
  return [digest.endTime, place, digest.hash, digest.previousSignature ?? 'null'].join('\n');
}

/** Account, region and trail: digests that follow each other differ in the time only. */
export function chainOf({ object }: Digest): string {
  return object
    .slice(object.lastIndexOf('/') + 1)
    .replace(/_\d{8}T\d{6}Z(_backfill)?\.json\.gz$/, '$1');
}

/** Backfill digests list files that came too late for their hour, and are a chain of their own. */
export function isBackfill({ object }: Digest): boolean {
  return object.endsWith('_backfill.json.gz');
}

function previousOf(record: LooseObject | undefined): Digest['previous'] {
  const bucket = textOf(memberOf(record, 'previousDigestS3Bucket'));
  const object = textOf(memberOf(record, 'previousDigestS3Object'));
  if (bucket === undefined || object === undefined) return undefined;
  const hash = textOf(memberOf(record, 'previousDigestHashValue'))?.toLowerCase();
  return { bucket, object, hash };
}

function fileOf(file: LooseObject): LoggedFile[] {
  const bucket = textOf(memberOf(file, 's3Bucket'));
  const object = textOf(memberOf(file, 's3Object'));
  const hash = textOf(memberOf(file, 'hashValue'));
  if (bucket === undefined || object === undefined || hash === undefined) return [];
  return [{ bucket, object, hash: hash.toLowerCase() }];
}

function inflate(packed: Uint8Array): Buffer | undefined {
  try {
    return gunzipSync(packed, { maxOutputLength: LONGEST_DIGEST_BYTES });
  } catch {
    return undefined;
  }
}

function parse(content: Buffer): LooseObject | undefined {
  try {
    const value: unknown = JSON.parse(content.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as LooseObject) : undefined;
  } catch {
    return undefined;
  }
}

// A CloudTrail bucket as it would be downloaded, signed by a key of the test: log files, hourly digests
// that name each other, and the signature of the newest beside it.

import { createHash, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface SignedTrail {
  publicPem: string;
  /** As `aws cloudtrail list-public-keys` answers. */
  keyList: string;
  /** Path below the folder → bytes. */
  files: Map<string, Buffer>;
  /** Oldest first. */
  digests: string[];
  logs: string[];
}

export interface TrailPlan {
  hours: number;
  logsEach?: number;
  /** Hours whose digest names no other, as when validation was off before it. */
  begins?: readonly number[];
  /** A backfill digest, for a file that came late. */
  backfill?: boolean;
  /** Keep the metadata of the newest digest only, as is enough while nothing is missing. */
  newestSignatureOnly?: boolean;
}

const ACCOUNT = '111122223333';
const REGION = 'eu-central-1';
const START = Date.UTC(2026, 10, 1);
const HOUR = 3_600_000;
const FINGERPRINT = '31e8b5433410dfb61a9dc45cc65b22ff';

let pair: { publicKey: KeyObject; privateKey: KeyObject } | undefined;

export function signTrail({
  hours,
  logsEach = 2,
  begins = [],
  backfill = false,
  newestSignatureOnly = false,
}: TrailPlan): SignedTrail {
  pair ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { publicKey, privateKey } = pair;
  const trail: SignedTrail = {
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    keyList: JSON.stringify({
      PublicKeyList: [
        {
          Value: publicKey.export({ type: 'pkcs1', format: 'der' }).toString('base64'),
          Fingerprint: FINGERPRINT,
        },
      ],
    }),
    ...{ files: new Map(), digests: [], logs: [] },
  };
  let previous: Previous | undefined;
  for (let hour = 0; hour < hours; hour += 1) {
    const listed = Array.from({ length: logsEach }, (_, at) => addLog(trail, hour, `part${at}`));
    const named = begins.includes(hour) ? undefined : previous;
    previous = addDigest(trail, privateKey, { hour, listed, previous: named, suffix: '' });
    if (!newestSignatureOnly || hour === hours - 1) keepSignature(trail, previous);
  }
  if (backfill) {
    const listed = [addLog(trail, 0, 'late')];
    const late = addDigest(trail, privateKey, {
      ...{ hour: 0, listed, previous: undefined, suffix: '_backfill' },
    });
    keepSignature(trail, late);
  }
  return trail;
}

export function writeTrail(folder: string, { files }: SignedTrail): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

interface Previous {
  object: string;
  hash: string;
  signature: string;
}

interface DigestPlan {
  hour: number;
  listed: object[];
  previous: Previous | undefined;
  suffix: string;
}

function addLog(trail: SignedTrail, hour: number, part: string): object {
  const when = new Date(START + hour * HOUR + 300_000);
  const text = JSON.stringify({
    Records: [{ eventID: `${hour}-${part}`, eventTime: when.toISOString() }],
  });
  const name = `${ACCOUNT}_CloudTrail_${REGION}_${compact(when).slice(0, 13)}Z_${part}.json.gz`;
  const object = `AWSLogs/${ACCOUNT}/CloudTrail/${REGION}/${day(when)}/${name}`;
  trail.files.set(object, gzipSync(text));
  trail.logs.push(object);
  return {
    s3Bucket: 'a-trail',
    s3Object: object,
    hashValue: sha256(text),
    hashAlgorithm: 'SHA-256',
  };
}

function addDigest(
  trail: SignedTrail,
  key: KeyObject,
  { hour, listed, previous, suffix }: DigestPlan,
): Previous {
  const end = new Date(START + (hour + 1) * HOUR);
  const name = `${ACCOUNT}_CloudTrail-Digest_${REGION}_a-trail_${REGION}_${compact(end)}${suffix}.json.gz`;
  const object = `AWSLogs/${ACCOUNT}/CloudTrail-Digest/${REGION}/${day(end)}/${name}`;
  const endTime = end.toISOString().replace('.000', '');
  const text = JSON.stringify({
    awsAccountId: ACCOUNT,
    digestStartTime: new Date(START + hour * HOUR).toISOString().replace('.000', ''),
    digestEndTime: endTime,
    digestS3Bucket: 'a-trail',
    digestS3Object: object,
    digestPublicKeyFingerprint: FINGERPRINT,
    digestSignatureAlgorithm: 'SHA256withRSA',
    previousDigestS3Bucket: previous === undefined ? null : 'a-trail',
    previousDigestS3Object: previous?.object ?? null,
    previousDigestHashValue: previous?.hash ?? null,
    previousDigestHashAlgorithm: previous === undefined ? null : 'SHA-256',
    previousDigestSignature: previous?.signature ?? null,
    logFiles: listed,
  });
  const signed = [endTime, `a-trail/${object}`, sha256(text), previous?.signature ?? 'null'].join(
    '\n',
  );
  const signature = createSign('RSA-SHA256').update(signed).sign(key, 'hex');
  trail.files.set(object, gzipSync(text));
  trail.digests.push(object);
  return { object, hash: sha256(text), signature };
}

function keepSignature({ files }: SignedTrail, of: Previous | undefined): void {
  if (of === undefined) return;
  const answer = { Metadata: { signature: of.signature, 'signature-algorithm': 'SHA256withRSA' } };
  files.set(`${of.object}.metadata.json`, Buffer.from(JSON.stringify(answer)));
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const compact = (when: Date): string => `${when.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
const day = (when: Date): string => when.toISOString().slice(0, 10).replaceAll('-', '/');

// Objects in S3 or what speaks like it: a batch is an object of gzipped NDJSON, named for the positions
// and the ids in it: the same batch sent again is the same object, and no other batch ever takes its place.

import { hash } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { gzipSync } from 'node:zlib';
import type { S3Client } from '@aws-sdk/client-s3';
import { isCodedError } from '@countersign/vocabulary';
import { checkUrl, guardedLookup, type Reach } from '../outbound/send-request.ts';
import { type PushCode, pushError } from './push-error.ts';
import { allTaken, type PushedEvent, type Transport } from './pushed-event.ts';

export interface S3Options {
  endpoint?: string | undefined;
  region: string;
  bucket: string;
  prefix: string;
  tenant: string;
  accessKeyId: string;
  secretAccessKey: string;
  reach: Reach;
  timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

type Sdk = typeof import('@aws-sdk/client-s3');

export function s3Transport(options: S3Options): Transport {
  let opened: Promise<{ sdk: Sdk; client: S3Client }> | undefined;
  const open = async () => {
    // Loaded by whoever has such a sink: most houses have none, and every start would pay for it.
    const sdk = await import('@aws-sdk/client-s3');
    return { sdk, client: openClient(sdk, options) };
  };
  return {
    async send(events, signal) {
      opened ??= open();
      const { sdk, client } = await opened;
      try {
        if (options.endpoint !== undefined) checkUrl(options.endpoint, options.reach);
        await client.send(
          new sdk.PutObjectCommand({
            Bucket: options.bucket,
            Key: keyOf(events, options),
            Body: gzipSync(events.map(({ ocsf }) => `${ocsf}\n`).join('')),
            ContentType: 'application/x-ndjson',
            ContentEncoding: 'gzip',
          }),
          { abortSignal: signal },
        );
      } catch (error) {
        throw asPushError(sdk, error);
      }
      return allTaken(events);
    },
  };
}

function openClient(sdk: Sdk, options: S3Options): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey, reach, timeoutMs = TIMEOUT_MS } = options;
  const lookup = guardedLookup(reach);
  return new sdk.S3Client({
    region,
    credentials: { accessKeyId, secretAccessKey },
    // Whoever stands behind an endpoint of its own rarely serves names of buckets as hosts.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    // We try again ourselves, with the cursor where it was.
    maxAttempts: 1,
    requestHandler: {
      httpAgent: new HttpAgent({ lookup }),
      httpsAgent: new HttpsAgent({ lookup }),
      connectionTimeout: timeoutMs,
      requestTimeout: timeoutMs,
    },
  });
}

/**
 * `PREFIXTENANT/2026/11/22/000000000001-000000000500-HASH.ndjson.gz`, by the day of the first event. Positions
 * alone are not enough: another house, or this one begun anew, counts from 1 as well.
 */
function keyOf(events: readonly PushedEvent[], { prefix, tenant }: S3Options): string {
  const [first] = events;
  const day = new Date(first?.timeMs ?? 0).toISOString().slice(0, 10).replaceAll('-', '/');
  const place = (event: PushedEvent | undefined): string =>
    String(event?.position ?? 0).padStart(12, '0');
  const ids = hash('sha256', events.map(({ uid }) => uid).join('\n')).slice(0, 16);
  return `${prefix}${tenant}/${day}/${place(first)}-${place(events.at(-1))}-${ids}.ndjson.gz`;
}

function asPushError(sdk: Sdk, error: unknown): Error {
  if (isCodedError(error)) return pushError('sink_refused', error.message);
  if (!(error instanceof Error))
    return pushError('sink_unreachable', 'The bucket cannot be reached.');
  if (!(error instanceof sdk.S3ServiceException)) {
    const code = isCodedError(error.cause) ? 'sink_refused' : 'sink_unreachable';
    return pushError(code, 'The bucket cannot be reached.', { cause: error });
  }
  const status = error.$metadata.httpStatusCode ?? 0;
  return pushError(codeOf(status), `It answered ${status}: ${error.name}`, { cause: error });
}

/** An object of ours is never bad in itself: no status stands for a poisonous event. */
function codeOf(status: number): PushCode {
  if (status === 429 || status === 503) return 'sink_throttled';
  return status >= 400 && status < 500 && status !== 408 ? 'sink_refused' : 'sink_unreachable';
}

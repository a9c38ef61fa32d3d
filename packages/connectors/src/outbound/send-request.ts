// One HTTP request to somebody else's service: bounded in time and bytes, no redirect is followed, and
// the address is checked when the connection is made, so that a name cannot point elsewhere in between.

import { type LookupAddress, lookup } from 'node:dns';
import { type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { CodedError, isCodedError } from '@countersign/vocabulary';
import { isPrivateAddress } from './private-address.ts';

/** `any` is for development, where the other side is on this machine. */
export type Reach = 'public' | 'any';

export type OutboundCode = 'outbound_refused' | 'outbound_unreachable' | 'outbound_too_large';

export interface OutboundRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'HEAD';
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** From the first byte sent to the last one read. Default 30,000. */
  timeoutMs?: number;
  /** Largest answer. Default 64 MiB. */
  maxBytes?: number;
  /** Nobody wants the answer any more: the request ends at once. */
  leaving?: AbortSignal;
}

export interface OutboundAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * @throws CodedError `outbound_refused` for an address or scheme that is not spoken to,
 *   `outbound_unreachable` when there is no whole answer in time, `outbound_too_large`
 */
export async function sendRequest(
  address: string,
  {
    method = 'GET',
    headers = {},
    body,
    timeoutMs = TIMEOUT_MS,
    maxBytes = MAX_BYTES,
    leaving,
  }: OutboundRequest,
  reach: Reach,
): Promise<OutboundAnswer> {
  const url = checkUrl(address, reach);
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const length = body === undefined ? 0 : Buffer.byteLength(body);
  const sent = body === undefined ? { ...headers } : { 'content-length': length, ...headers };
  const late = AbortSignal.timeout(timeoutMs);
  const signal = leaving === undefined ? late : AbortSignal.any([late, leaving]);
  return await new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(asRefusal(cause, url));
    const asked = send(url, { method, headers: sent, signal, lookup: guardedLookup(reach) });
    asked.on('error', fail);
    asked.on('response', (answer) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (part: Buffer) => {
        bytes += part.length;
        parts.push(part);
        if (bytes <= maxBytes) return;
        fail(tooLarge(url, maxBytes));
        asked.destroy();
      });
      answer.on('error', fail);
      answer.on('aborted', () => fail(new Error('the answer was cut')));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(parts),
        }),
      );
    });
    asked.end(body);
  });
}

/** @throws CodedError `outbound_refused` */
export function checkUrl(address: string, reach: Reach): URL {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw refused('An address of another service begins with https://.');
  }
  if (url.username !== '' || url.password !== '') {
    throw refused('An address of another service holds no credentials.');
  }
  if (reach === 'any') return url;
  if (url.protocol !== 'https:') throw refused(`${url.host} is spoken to by https only.`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && isPrivateAddress(host)) {
    throw refused(`${url.host} is not on the public internet.`);
  }
  return url;
}

export function guardedLookup(reach: Reach): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0);
      // One private address among public ones is enough: it could be the one that is taken.
      const bad = found.find(({ address }) => reach === 'public' && isPrivateAddress(address));
      if (bad !== undefined) {
        return callback(refused(`${host} is not on the public internet.`) as Error, '', 0);
      }
      const [first] = found;
      if (options.all === true) return callback(null, found as LookupAddress[]);
      return callback(null, first?.address ?? '', first?.family ?? 0);
    });
  };
}

function asRefusal(cause: unknown, url: URL): CodedError<OutboundCode> {
  if (isCodedError(cause)) return cause as CodedError<OutboundCode>;
  const message = `${url.host} gave no whole answer.`;
  return new CodedError('outbound_unreachable', message, { cause, retryAfterSeconds: 30 });
}

function refused(message: string): CodedError<OutboundCode> {
  return new CodedError('outbound_refused', message);
}

function tooLarge(url: URL, maxBytes: number): CodedError<OutboundCode> {
  const message = `${url.host} answered with more than ${maxBytes} bytes.`;
  return new CodedError('outbound_too_large', message);
}

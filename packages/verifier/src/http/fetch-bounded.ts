// One request with a bound on everything: time, bytes, redirects (none). Every fetch of the
// verifier goes through here, so that no server can hold it, fill it or send it elsewhere.

import type { FetchLike } from '../ports.ts';
import { urlObjection } from './allow-url.ts';

export type FetchFailureCode =
  | 'url_not_allowed'
  | 'timed_out'
  | 'unreachable'
  | 'redirected'
  | 'too_large';

/** A request that gave no usable answer. The message holds no credential and no body. */
export class FetchFailure extends Error {
  readonly code: FetchFailureCode;

  constructor(code: FetchFailureCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'FetchFailure';
    this.code = code;
  }
}

export interface BoundedRequest {
  fetch: FetchLike;
  timeoutMs: number;
  maxBytes: number;
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: string;
  /** Ends the request early, when its owner closes. */
  signal?: AbortSignal;
}

export interface BoundedAnswer {
  status: number;
  bytes: Uint8Array;
  headers: Headers;
}

// Cloudflare workers throw on members they do not implement; they have neither cookies nor a cache.
const BROWSER_ONLY: RequestInit =
  typeof Request === 'function' && 'cache' in Request.prototype
    ? { cache: 'no-store', credentials: 'omit' }
    : {};

/** Fetches at most `maxBytes` within `timeoutMs`, body included. @throws FetchFailure */
export async function fetchBounded(url: string, request: BoundedRequest): Promise<BoundedAnswer> {
  const objection = urlObjection(url);
  if (objection !== undefined) {
    throw new FetchFailure('url_not_allowed', `The URL may not be fetched. ${objection}`);
  }
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const signal =
    request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
  try {
    const response = await request.fetch(url, {
      method: request.method ?? 'GET',
      headers: request.headers ?? {},
      ...(request.body === undefined ? {} : { body: request.body }),
      // `manual`, not `error`: Cloudflare workers know no other way to refuse.
      redirect: 'manual',
      signal,
      ...BROWSER_ONLY,
    });
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel();
      throw new FetchFailure('redirected', 'The server redirects; redirects are not followed.');
    }
    const bytes = await readBody(response, request.maxBytes, signal);
    return { status: response.status, bytes, headers: response.headers };
  } catch (error) {
    if (error instanceof FetchFailure) throw error;
    if (timeout.aborted) {
      throw new FetchFailure('timed_out', `No answer within ${request.timeoutMs} ms.`, error);
    }
    throw new FetchFailure('unreachable', 'The server cannot be reached.', error);
  }
}

async function readBody(
  response: Response,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array(0);
  const reader = response.body.getReader();
  // A stand-in for fetch may not tie the body to the signal: the bound on time is kept here too.
  // What cannot be cancelled has ended, and whoever reads hears why.
  const stop = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await collect(reader, maxBytes, signal);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function collect(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (signal.aborted) throw new Error('The request was ended.');
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      throw new FetchFailure('too_large', `The answer is over ${maxBytes} bytes.`);
    }
    chunks.push(value);
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

// One page of a service of others: authorised, bounded, JSON. What passes by itself (throttling, its
// trouble) is told apart from what does not, with the moment it asks us to wait for.

import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '@countersign/vocabulary';
import { type OutboundAnswer, type Reach, sendRequest } from '../outbound/send-request.ts';
import type { Authoriser } from './authorise.ts';
import { pullError } from './pull-error.ts';

export interface ServicePage {
  body: object;
  headers: IncomingHttpHeaders;
}

export interface AskOptions {
  method?: 'GET' | 'POST';
  /** Answers that the caller understands besides 200: their body comes back as it is. */
  alsoTakes?: (status: number, body: unknown) => boolean;
}

export interface ServiceParts {
  /** Where the service is; nothing else is sent its token. */
  base: string;
  authoriser: Authoriser;
  reach: Reach;
  clock: Clock;
  /** The server is leaving: requests end at once. */
  leaving: AbortSignal;
}

/** Longest pause a service can ask for; more is its mistake, and we ask again after this. */
const LONGEST_PAUSE_SECONDS = 3600;
const TIMEOUT_MS = 60_000;

export class Service {
  readonly #parts: ServiceParts;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  get base(): string {
    return this.#parts.base;
  }

  /** @throws CodedError PullCode, OutboundCode */
  async ask(address: string, options: AskOptions = {}): Promise<ServicePage> {
    const url = this.#own(address);
    const first = await this.#send(url, options);
    // A token may end, or be ended, before its time: one more try with a new one.
    const answer = first.status === 401 ? await this.#again(url, options) : first;
    const body = parseBody(answer);
    const { status, headers } = answer;
    if (status === 200 || options.alsoTakes?.(status, body) === true) {
      // A list or an object: nothing else is a page.
      if (typeof body !== 'object' || body === null) {
        throw this.#broken('did not answer with a page of JSON');
      }
      return { body, headers };
    }
    throw this.#refusal(answer, body);
  }

  async #again(url: string, options: AskOptions): Promise<OutboundAnswer> {
    this.#parts.authoriser.forget();
    return await this.#send(url, options);
  }

  async #send(url: string, { method = 'GET' }: AskOptions): Promise<OutboundAnswer> {
    const { authoriser, reach, leaving } = this.#parts;
    const authorization = await authoriser.header(leaving);
    const headers = { authorization, accept: 'application/json' };
    return await sendRequest(url, { method, headers, timeoutMs: TIMEOUT_MS, leaving }, reach);
  }

  /** A next page elsewhere would be handed our token. */
  #own(address: string): string {
    const url = URL.parse(address, `${this.#parts.base}/`);
    if (url === null || url.origin !== new URL(this.#parts.base).origin) {
      throw this.#broken('names a page that is not its own');
    }
    return url.href;
  }

  #refusal({ status, headers }: OutboundAnswer, body: unknown): Error {
    const { host } = new URL(this.#parts.base);
    const code = errorCodeIn(body);
    const said = code === undefined ? `${status}` : `${status} ${code}`;
    // Office 365 throttles with a 403 of this code as well.
    if (status === 429 || code === 'AF429') {
      const retryAfterSeconds = pauseIn(headers, this.#parts.clock.nowMs()) ?? 60;
      return pullError('source_throttled', `${host} is asked too much: ${said}.`, {
        retryAfterSeconds,
      });
    }
    if (status >= 500 || status === 408) {
      const retryAfterSeconds = pauseIn(headers, this.#parts.clock.nowMs()) ?? 30;
      return pullError('source_unreachable', `${host} has trouble: ${said}.`, {
        retryAfterSeconds,
      });
    }
    if (status === 400 || status === 404 || status === 410) {
      return pullError('page_gone', `${host} has no such page: ${said}.`);
    }
    if (status === 401 || status === 403) {
      return pullError('source_refused', `${host} does not let us read: ${said}.`);
    }
    return this.#broken(`answered ${said}`);
  }

  #broken(what: string): Error {
    return pullError('source_broken', `${new URL(this.#parts.base).host} ${what}.`);
  }
}

/** `Retry-After` in seconds or as a date; Okta names the moment instead. */
export function pauseIn(headers: IncomingHttpHeaders, nowMs: number): number | undefined {
  const after = headers['retry-after'];
  const reset = headers['x-rate-limit-reset'];
  const seconds =
    after !== undefined && /^\d{1,9}$/.test(after)
      ? Number(after)
      : after !== undefined
        ? (Date.parse(after) - nowMs) / 1000
        : typeof reset === 'string' && /^\d{9,12}$/.test(reset)
          ? Number(reset) - nowMs / 1000
          : undefined;
  if (seconds === undefined || Number.isNaN(seconds)) return undefined;
  return Math.min(Math.max(Math.ceil(seconds), 1), LONGEST_PAUSE_SECONDS);
}

function parseBody({ body }: OutboundAnswer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** `error.code`, `errorCode` or `code` of an answer that is a refusal; one word, never its text. */
export function errorCodeIn(body: unknown): string | undefined {
  const object = body as { error?: { code?: unknown }; errorCode?: unknown; code?: unknown } | null;
  const code = object?.error?.code ?? object?.errorCode ?? object?.code;
  return (typeof code === 'string' || typeof code === 'number') && /^[\w.-]{1,64}$/.test(`${code}`)
    ? `${code}`
    : undefined;
}

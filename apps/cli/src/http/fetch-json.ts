// Asks a Countersign server for JSON or text: bounded in time and size, never following a redirect, and
// never carrying a credential over plain HTTP to another machine.

import { cliError } from '../cli-error.ts';

export interface JsonRequest {
  /** Sent as a bearer credential. */
  credential?: string;
  /** Default: GET, or POST with a body. */
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Sent as JSON. */
  body?: unknown;
  /** Statuses other than 2xx whose body is wanted too. */
  alsoStatus?: readonly number[];
  timeoutMs?: number;
  /** Said after the server's words when it knows no such thing: where the right name is to be found. */
  whereNamed?: string;
  /** Why an operator reads a tenant's log; the tenant is shown it. */
  reason?: string;
}

export interface JsonReply {
  status: number;
  body: unknown;
}

const LONGEST_BODY_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 15_000;

/** @throws CodedError `wrong_use`, `server_unreachable`, `server_refused`, `answer_malformed` */
export async function fetchJson(url: URL, request: JsonRequest = {}): Promise<JsonReply> {
  if (request.credential !== undefined) refusePlainText(url);
  const response = await send(url, request);
  const text = await readBounded(response, url);
  const body = parse(text, response, url);
  if (response.ok || request.alsoStatus?.includes(response.status) === true)
    return { status: response.status, body };
  const where = response.status === 404 ? (request.whereNamed ?? '') : '';
  const problem = `${problemOf(body)} ${where}`.trim();
  throw cliError('server_refused', `${url.host} refused (${response.status}): ${problem}`);
}

/** The text that is answered with 2xx. @throws CodedError as `fetchJson` */
export async function fetchText(url: URL): Promise<string> {
  const response = await send(url, {}, 'text/plain');
  const text = await readBounded(response, url);
  if (response.ok) return text;
  throw cliError('server_refused', `${url.host} refused (${response.status}).`);
}

/** A base URL from the command line. @throws CodedError `wrong_use` */
export function parseBaseUrl(text: string, option: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '')
    throw cliError('wrong_use', `${option}: "${text}" is not an http or https URL.`);
  return url;
}

export function isLoopback(url: URL): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}

function refusePlainText(url: URL): void {
  if (url.protocol !== 'https:' && !isLoopback(url))
    throw cliError(
      'wrong_use',
      `${url.origin} is plain HTTP on another machine: a credential is sent over https only.`,
    );
}

async function send(
  url: URL,
  { credential, method, body, timeoutMs = TIMEOUT_MS, reason }: JsonRequest,
  accept = 'application/json',
): Promise<Response> {
  try {
    return await fetch(url, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: {
        accept,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
        // A header carries Latin letters only.
        ...(reason === undefined ? {} : { 'countersign-reason': encodeURIComponent(reason) }),
      },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    throw unreachable(url, error);
  }
}

async function readBounded(response: Response, url: URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > LONGEST_BODY_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw unreachable(url, error);
  }
  if (size > LONGEST_BODY_BYTES)
    throw cliError(
      'answer_malformed',
      `${url.host} sent more than ${LONGEST_BODY_BYTES} bytes; ask for less with --limit.`,
    );
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string, response: Response, url: URL): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!response.ok) return undefined;
    throw cliError(
      'answer_malformed',
      `${url} did not answer with JSON: is that a Countersign server?`,
      error,
    );
  }
}

function problemOf(body: unknown): string {
  if (
    typeof body === 'object' &&
    body !== null &&
    'title' in body &&
    typeof body.title === 'string'
  )
    return body.title;
  return 'no reason given';
}

function unreachable(url: URL, error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  const reason =
    error instanceof Error && error.name === 'TimeoutError'
      ? 'it did not answer in time'
      : code === 'ECONNREFUSED'
        ? 'nothing listens there'
        : cause instanceof Error
          ? cause.message
          : 'the connection failed';
  return cliError('server_unreachable', `${url.origin} cannot be reached: ${reason}.`, error);
}

// For node:http and node:https, and what Express and Fastify are made of.

import type { VerifiedToken } from '../token/token-context.ts';
import type { HttpAnswer } from './describe-refusal.ts';
import {
  checkGuardOptions,
  type GuardedRequest,
  type GuardOptions,
  guardRequest,
} from './guard-request.ts';
import { guardSession, type SessionGuardOptions } from './guard-session.ts';

/** The part of `http.IncomingMessage` that is read. */
export interface NodeRequest {
  method?: string | undefined;
  url?: string | undefined;
  headers: { host?: string | undefined; 'user-agent'?: string | undefined };
  /** Name, value, name, value …: the only place where a header sent twice is still two. */
  rawHeaders: readonly string[];
  socket: { remoteAddress?: string | undefined; encrypted?: unknown };
}

/** The part of `http.ServerResponse` that is written. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

/**
 * The verified token, or undefined when the request was refused and is already answered:
 * `const token = await guard(request, response); if (token === undefined) return;`
 */
export function guardNode(
  options: GuardOptions,
): (request: NodeRequest, response: NodeResponse) => Promise<VerifiedToken | undefined> {
  checkGuardOptions(options);
  return async (request, response) => {
    const { verified, answer } = await guardRequest(options, describeNodeRequest(request));
    if (answer !== undefined) writeAnswer(response, answer);
    return verified;
  };
}

/** For requests with a session: true when it stands, else the request is refused and answered. */
export function guardNodeSession<Request extends object>(
  options: SessionGuardOptions<Request>,
): (request: Request, response: NodeResponse) => Promise<boolean> {
  return async (request, response) => {
    const answer = await guardSession(options, request);
    if (answer !== undefined) writeAnswer(response, answer);
    return answer === undefined;
  };
}

/** @param target path and query before any router cut them; default what the message says */
export function describeNodeRequest(
  request: NodeRequest,
  target: string = request.url ?? '/',
): GuardedRequest {
  const scheme = request.socket.encrypted === true ? 'https' : 'http';
  return {
    method: request.method ?? 'GET',
    target,
    headers: {
      authorization: allValues(request.rawHeaders, 'authorization'),
      dpop: allValues(request.rawHeaders, 'dpop'),
    },
    seenOrigin: `${scheme}://${request.headers.host ?? ''}`,
    ip: request.socket.remoteAddress,
    userAgent: request.headers['user-agent'],
  };
}

export function writeAnswer(response: NodeResponse, answer: HttpAnswer): void {
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body);
}

function allValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === name) values.push(rawHeaders[at + 1] ?? '');
  }
  return values;
}

// For Hono, on any runtime: `app.use('/mail/*', guardHono({ verifier, audience }))`; then
// `context.get('token')` is the verified token.

import type { VerifiedToken } from '../token/token-context.ts';
import {
  checkGuardOptions,
  type GuardedRequest,
  type GuardOptions,
  guardRequest,
} from './guard-request.ts';
import { guardSession, type SessionGuardOptions } from './guard-session.ts';

export interface HonoGuardedContext {
  req: { raw: { method: string; url: string; headers: Headers } };
  set(name: 'token', value: VerifiedToken): void;
}

export interface HonoGuardOptions extends GuardOptions {
  /** The client's address, which only the runtime knows; for use reports. */
  readIp?: (context: unknown) => string | undefined;
}

export function guardHono(
  options: HonoGuardOptions,
): (context: HonoGuardedContext, next: () => Promise<void>) => Promise<Response | undefined> {
  checkGuardOptions(options);
  return async (context, next) => {
    const ip = options.readIp?.(context);
    const { verified, answer } = await guardRequest(options, describeFetchRequest(context, ip));
    if (answer !== undefined) {
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    }
    context.set('token', verified);
    await next();
    return undefined;
  };
}

function describeFetchRequest({ req }: HonoGuardedContext, ip: string | undefined): GuardedRequest {
  const url = new URL(req.raw.url);
  const { headers } = req.raw;
  return {
    method: req.raw.method,
    target: `${url.pathname}${url.search}`,
    // Headers joins what was sent twice with a comma, which no token or proof can contain.
    headers: { authorization: present(headers, 'authorization'), dpop: present(headers, 'dpop') },
    seenOrigin: url.origin,
    ip,
    userAgent: headers.get('user-agent') ?? undefined,
  };
}

function present(headers: Headers, name: string): string[] {
  const value = headers.get(name);
  return value === null ? [] : [value];
}

/** For requests with a session: `readGround` is given Hono's context. */
export function guardHonoSession<Context extends object>(
  options: SessionGuardOptions<Context>,
): (context: Context, next: () => Promise<void>) => Promise<Response | undefined> {
  return async (context, next) => {
    const answer = await guardSession(options, context);
    if (answer !== undefined) {
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    }
    await next();
    return undefined;
  };
}

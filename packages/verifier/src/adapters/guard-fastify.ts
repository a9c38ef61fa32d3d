// For Fastify: `app.addHook('onRequest', guardFastify({ verifier, audience }))`, or on one route;
// then `request.token` is the verified token.

import type { VerifiedToken } from '../token/token-context.ts';
import type { HttpAnswer } from './describe-refusal.ts';
import { describeNodeRequest, type NodeRequest } from './guard-node.ts';
import { checkGuardOptions, type GuardOptions, guardRequest } from './guard-request.ts';
import { guardSession, type SessionGuardOptions } from './guard-session.ts';

export interface FastifyGuardedRequest {
  raw: NodeRequest;
  token?: VerifiedToken;
}

export interface FastifyGuardedReply {
  code(status: number): unknown;
  headers(values: Record<string, string>): unknown;
  send(body: string): unknown;
}

export function guardFastify(
  options: GuardOptions,
): (request: FastifyGuardedRequest, reply: FastifyGuardedReply) => Promise<unknown> {
  checkGuardOptions(options);
  return async (request, reply) => {
    // Nothing that came before may pass for a verified token.
    delete request.token;
    const { verified, answer } = await guardRequest(options, describeNodeRequest(request.raw));
    if (answer !== undefined) return sendAnswer(reply, answer);
    request.token = verified;
    return undefined;
  };
}

/** For requests with a session, as a hook: `readGround` is given Fastify's request. */
export function guardFastifySession<Request extends object>(
  options: SessionGuardOptions<Request>,
): (request: Request, reply: FastifyGuardedReply) => Promise<unknown> {
  return async (request, reply) => {
    const answer = await guardSession(options, request);
    return answer === undefined ? undefined : sendAnswer(reply, answer);
  };
}

/** Fastify stops the request's way when a hook has answered and returns the reply. */
function sendAnswer(reply: FastifyGuardedReply, answer: HttpAnswer): FastifyGuardedReply {
  reply.code(answer.status);
  reply.headers(answer.headers);
  reply.send(answer.body);
  return reply;
}

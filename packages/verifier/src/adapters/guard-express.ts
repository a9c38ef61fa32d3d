// For Express: `app.use('/mail', guardExpress({ verifier, audience }))`; then `request.token` is
// the verified token.

import type { VerifiedToken } from '../token/token-context.ts';
import {
  describeNodeRequest,
  type NodeRequest,
  type NodeResponse,
  writeAnswer,
} from './guard-node.ts';
import { checkGuardOptions, type GuardOptions, guardRequest } from './guard-request.ts';
import { guardSession, type SessionGuardOptions } from './guard-session.ts';

export interface ExpressRequest extends NodeRequest {
  /** Path and query before routers took their prefix off. */
  originalUrl?: string | undefined;
  token?: VerifiedToken;
}

export function guardExpress(
  options: GuardOptions,
): (request: ExpressRequest, response: NodeResponse, next: (error?: unknown) => void) => void {
  checkGuardOptions(options);
  return (request, response, next) => {
    // Nothing that came before may pass for a verified token.
    delete request.token;
    guardRequest(options, describeNodeRequest(request, request.originalUrl)).then(
      ({ verified, answer }) => {
        if (answer !== undefined) return writeAnswer(response, answer);
        request.token = verified;
        next();
      },
      next,
    );
  };
}

/**
 * For requests with a session: `guardExpressSession({ verifier, readGround: (request) =>
 * request.session?.ground })`.
 */
export function guardExpressSession<Request extends object>(
  options: SessionGuardOptions<Request>,
): (request: Request, response: NodeResponse, next: (error?: unknown) => void) => void {
  return (request, response, next) => {
    guardSession(options, request).then(
      (answer) => (answer === undefined ? next() : writeAnswer(response, answer)),
      next,
    );
  };
}

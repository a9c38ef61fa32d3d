// Errors on their way out: the one place where a code becomes a status (RFC 9457 problem details).
// Anything that is not a CodedError is a bug: 500, no detail, and a line in our own log.

import { isCodedError } from '@countersign/vocabulary';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

const STATUS: Readonly<Record<string, ContentfulStatusCode>> = {
  bad_request: 400,
  bad_realm: 400,
  not_authenticated: 401,
  not_allowed: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  too_many_requests: 429,
};

export interface Problem {
  type: string;
  title: string;
  status: ContentfulStatusCode;
  code: string;
}

export function problemFor(error: unknown): {
  problem: Problem;
  retryAfterSeconds: number | undefined;
} {
  if (!isCodedError(error)) {
    return {
      problem: {
        type: 'about:blank',
        title: 'Something went wrong here.',
        status: 500,
        code: 'internal_error',
      },
      retryAfterSeconds: undefined,
    };
  }
  const temporary = error.retryAfterSeconds !== undefined;
  const status = STATUS[error.code] ?? (temporary ? 503 : 400);
  return {
    problem: { type: 'about:blank', title: error.message, status, code: error.code },
    retryAfterSeconds: error.retryAfterSeconds,
  };
}

export function answerProblem(
  context: Context,
  error: unknown,
  onUnexpected: (error: unknown) => void,
): Response {
  const { problem, retryAfterSeconds } = problemFor(error);
  if (problem.status === 500) onUnexpected(error);
  if (retryAfterSeconds !== undefined) context.header('Retry-After', String(retryAfterSeconds));
  if (problem.status === 401) context.header('WWW-Authenticate', 'Bearer');
  return context.body(JSON.stringify(problem), problem.status, {
    'content-type': 'application/problem+json',
  });
}

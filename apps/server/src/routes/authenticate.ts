// Who is calling the API: the operator by the token in DATA/secrets, a verifier or another issuer
// instance by a credential that the directory keeps only as a hash.

import { createHash, timingSafeEqual } from 'node:crypto';
import { CodedError } from '@countersign/vocabulary';
import type { Context, MiddlewareHandler } from 'hono';

const BEARER = /^Bearer ([A-Za-z0-9._~+/-]{20,512}=*)$/i;

/** The bearer credential of a request. @throws CodedError `not_authenticated` */
export function bearerOf(context: Context): string {
  const match = BEARER.exec(context.req.header('authorization') ?? '');
  if (match?.[1] === undefined) {
    throw new CodedError('not_authenticated', 'Send the credential as "Authorization: Bearer …".');
  }
  return match[1];
}

/** Lets only the operator pass. Compares hashes, so that length and content leak nothing. */
export function operatorOnly(operatorToken: string): MiddlewareHandler {
  const expected = createHash('sha256').update(operatorToken).digest();
  return async (context, next) => {
    const given = createHash('sha256').update(bearerOf(context)).digest();
    if (!timingSafeEqual(given, expected)) {
      throw new CodedError(
        'not_authenticated',
        'This needs the operator token of DATA/secrets/operator-token.',
      );
    }
    await next();
  };
}

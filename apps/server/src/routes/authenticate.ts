// Who is calling the API: an operator by the token in DATA/secrets or by a credential of their own, a
// verifier or another issuer instance by a credential that the directory keeps only as a hash.

import { createHash, timingSafeEqual } from 'node:crypto';
import { FIRST_OPERATOR, type Operators } from '@countersign/directory';
import { CodedError } from '@countersign/vocabulary';
import type { Context, MiddlewareHandler } from 'hono';

declare module 'hono' {
  interface ContextVariableMap {
    /** Name of the operator who asks; set by `operatorOnly`. */
    operator: string;
  }
}

const BEARER = /^Bearer ([A-Za-z0-9._~+/-]{20,512}=*)$/i;

/** The bearer credential of a request. @throws CodedError `not_authenticated` */
export function bearerOf(context: Context): string {
  const match = BEARER.exec(context.req.header('authorization') ?? '');
  if (match?.[1] === undefined) {
    throw new CodedError('not_authenticated', 'Send the credential as "Authorization: Bearer …".');
  }
  return match[1];
}

/**
 * Lets only operators pass, and tells the routes behind it which one: `context.get('operator')`.
 * Compares hashes, so that length and content leak nothing.
 * @param operators those with a credential of their own; without them only the token's holder passes
 */
export function operatorOnly(
  operatorToken: string,
  operators?: Pick<Operators, 'authenticate'>,
): MiddlewareHandler {
  const expected = createHash('sha256').update(operatorToken).digest();
  return async (context, next) => {
    const credential = bearerOf(context);
    const given = createHash('sha256').update(credential).digest();
    const name = timingSafeEqual(given, expected)
      ? FIRST_OPERATOR
      : (await operators?.authenticate(credential))?.name;
    if (name === undefined) {
      throw new CodedError(
        'not_authenticated',
        'This needs the operator token of DATA/secrets/operator-token, or the credential of an operator.',
      );
    }
    context.set('operator', name);
    await next();
  };
}

// Reads a posted form within a bound; anything else is refused before it is looked at.

import type { Context } from 'koa';
import { oauthError } from '../engine/oidc-provider.ts';

export async function readForm(ctx: Context, largestBytes: number): Promise<URLSearchParams> {
  if (!ctx.is('application/x-www-form-urlencoded')) {
    throw oauthError(415, 'invalid_request', 'send the form as a browser does');
  }
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
    received += chunk.length;
    if (received > largestBytes) {
      throw oauthError(413, 'invalid_request', 'the form is too large');
    }
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

/** Browsers send Origin with every post; one of another site is refused. */
export function requireSameOrigin(ctx: Context, issuer: string): void {
  const origin = ctx.get('origin');
  if (origin !== '' && origin !== new URL(issuer).origin) {
    throw oauthError(403, 'invalid_request', 'this form was sent from another site');
  }
}

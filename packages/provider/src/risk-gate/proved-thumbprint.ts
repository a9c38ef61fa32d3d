// The key of a DPoP proof that the engine has already checked (RFC 9449, thumbprint of RFC 7638). Asked
// only after that: what is read here was proved, or the request would not have come this far.

import type { IncomingMessage } from 'node:http';
import { calculateJwkThumbprint, decodeProtectedHeader } from 'jose';

export async function provedThumbprint(request: IncomingMessage): Promise<string | undefined> {
  const proof = request.headers['dpop'];
  if (typeof proof !== 'string') return undefined;
  const { jwk } = decodeProtectedHeader(proof);
  return jwk === undefined ? undefined : calculateJwkThumbprint(jwk);
}

// The public half as an issuer publishes it (RFC 7517), with the members that say what the key may
// speak for, and the kid that is its thumbprint (RFC 7638).

import { createHash, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { KeyScope, SignatureAlg } from '../scope/key-scope.ts';

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

export const publicJwkSchema = z.strictObject({
  kty: z.enum(['EC', 'OKP', 'RSA']),
  crv: z.enum(['P-256', 'Ed25519']).optional(),
  x: base64url.optional(),
  y: base64url.optional(),
  n: base64url.optional(),
  e: base64url.optional(),
  kid: base64url,
  alg: z.enum(['ES256', 'EdDSA', 'RS256']),
  use: z.literal('sig'),
  /** The one issuer the key may speak for. */
  iss: z.string(),
  /** Seconds: the key is used from `nbf` up to but not including `exp`. */
  nbf: z.int(),
  exp: z.int(),
  tenant: z.string(),
  token_types: z.array(z.enum(['at+jwt', 'JWT', 'logout+jwt'])),
});

export type PublicSigningJwk = z.infer<typeof publicJwkSchema>;

/** In the order that a thumbprint wants them (RFC 7638 §3.2, RFC 8037 §2). */
const REQUIRED_MEMBERS = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
} as const;

/** The JWK of a public (or the public half of a private) key under a scope. */
export function publicSigningJwk(
  key: KeyObject,
  alg: SignatureAlg,
  scope: KeyScope,
): PublicSigningJwk {
  const bare = bareMembers(key);
  return publicJwkSchema.parse({
    ...bare,
    kid: thumbprintOf(bare),
    alg,
    use: 'sig',
    iss: scope.issuer,
    nbf: scope.notBeforeSeconds,
    exp: scope.notAfterSeconds,
    tenant: scope.tenant,
    token_types: scope.tokenTypes,
  });
}

/** The kid of a key: base64url of 32 bytes. */
export function kidOf(key: KeyObject): string {
  return thumbprintOf(bareMembers(key));
}

function bareMembers(key: KeyObject): Record<string, unknown> {
  const exported = key.export({ format: 'jwk' });
  const members = REQUIRED_MEMBERS[exported.kty as keyof typeof REQUIRED_MEMBERS];
  return Object.fromEntries(members.map((name) => [name, exported[name]]));
}

function thumbprintOf(bare: Record<string, unknown>): string {
  return createHash('sha256').update(JSON.stringify(bare)).digest('base64url');
}

// A resource server: an API of a tenant that access tokens are issued for (RFC 8707, RFC 9068).

import { POPULATIONS } from '@countersign/vocabulary';
import { z } from 'zod';
import { isLoopback } from '../clients/check-uris.ts';
import { lineOfText } from '../parse-input.ts';

const SHORTEST_LIFETIME_SECONDS = 30;
const LONGEST_LIFETIME_SECONDS = 86_400;
const DEFAULT_LIFETIME_SECONDS = 600;

/** RFC 8707 §2: an absolute URI without fragment; here https, loopback http or a URN. */
function isIdentifier(text: string): boolean {
  if (!/^[\x21-\x7e]+$/.test(text) || text.includes('#')) return false;
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || url.protocol === 'urn:' || isLoopback(url);
}

const unique = (items: readonly string[]): boolean => new Set(items).size === items.length;

export const resourceIdentifier = z
  .string()
  .max(512)
  .refine(isIdentifier, 'must be an https URI without fragment');

export const resourceSchema = z.strictObject({
  tenant: z.string(),
  /** The audience of its tokens, compared byte by byte. */
  identifier: resourceIdentifier,
  name: lineOfText(120),
  alg: z.enum(['ES256', 'EdDSA', 'RS256']).default('ES256'),
  accessTokenLifetimeSeconds: z
    .int()
    .min(SHORTEST_LIFETIME_SECONDS)
    .max(LONGEST_LIFETIME_SECONDS)
    .default(DEFAULT_LIFETIME_SECONDS),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, 'is not a scope'))
    .max(100)
    .refine(unique, 'holds one twice')
    .default([]),
  /** Whose tokens it takes: its own keys and issuer for each. */
  populations: z
    .array(z.enum(POPULATIONS))
    .min(1)
    .refine(unique, 'holds one twice')
    .default([...POPULATIONS]),
});

export type NewResource = z.input<typeof resourceSchema>;
export type ResourceServer = z.infer<typeof resourceSchema>;

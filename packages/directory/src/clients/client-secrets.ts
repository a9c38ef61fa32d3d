// Client secrets: 256 random bits, shown once, kept as SHA-256 (a slow hash would add nothing to
// that much randomness), compared in constant time. Two may be valid while one is replaced.

import { createHash, timingSafeEqual } from 'node:crypto';

export interface StoredSecret {
  /** SHA-256, lower-case hex. */
  hash: string;
  expiresMs: number | null;
}

/** Longest secret that is looked at; ours have 43 characters. */
const LONGEST_SECRET = 256;

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Is `secret` one of the stored ones, and still valid? Looks at all of them. */
export function matchesSecret(
  secret: string,
  stored: readonly StoredSecret[],
  nowMs: number,
): boolean {
  if (secret.length > LONGEST_SECRET) return false;
  const given = createHash('sha256').update(secret).digest();
  let matches = false;
  for (const { hash, expiresMs } of stored) {
    const expected = Buffer.from(hash, 'hex');
    const equal = expected.length === given.length && timingSafeEqual(expected, given);
    if (equal && (expiresMs === null || nowMs < expiresMs)) matches = true;
  }
  return matches;
}

// The key source that createVerifier uses by default: one separate JWKS per issuer, never merged
// (control C-07), fetched from the pinned URL only.

import type { FetchLike, IssuerKey, KeySource, VerifierClock } from '../ports.ts';
import { VerificationError } from '../refusal.ts';
import { HeldKeySet, type KeySetLimits } from './hold-key-set.ts';

export interface JwksIssuer {
  issuer: string;
  /** https, or http on this machine. */
  jwksUri: string;
  /** Longest time a key may be used without being seen again (C-14). Default 300 seconds. */
  longestUnseenSeconds?: number;
}

export interface KeyProblem {
  issuer: string;
  code: string;
  message: string;
}

export interface JwksKeySourceOptions {
  issuers: readonly JwksIssuer[];
  clock: VerifierClock;
  /** Default: the platform's fetch. */
  fetch?: FetchLike;
  /** Default: ttlMs 60,000, cooldownMs 30,000, timeoutMs 3,000, maxBytes 65,536, maxKeys 32. */
  limits?: Partial<Omit<KeySetLimits, 'hardMaxAgeMs'>>;
  /** Told of every fetch that failed, every set refused or dropped. */
  onProblem?: (problem: KeyProblem) => void;
}

const LIMITS = {
  ttlMs: 60_000,
  cooldownMs: 30_000,
  timeoutMs: 3_000,
  maxBytes: 65_536,
  maxKeys: 32,
} as const;
const LONGEST_UNSEEN_SECONDS = 300;

export function createJwksKeySource(options: JwksKeySourceOptions): KeySource {
  const closing = new AbortController();
  let generation = 0;
  const sets = new Map<string, HeldKeySet>();
  for (const place of options.issuers) {
    const hardMaxAgeMs = (place.longestUnseenSeconds ?? LONGEST_UNSEEN_SECONDS) * 1000;
    const limits = { ...LIMITS, ...options.limits };
    const ttlMs = Math.min(limits.ttlMs, hardMaxAgeMs / 2);
    const held = new HeldKeySet({
      url: place.jwksUri,
      fetch: options.fetch ?? ((url, init) => fetch(url, init)),
      clock: options.clock,
      limits: { ...limits, ttlMs, hardMaxAgeMs },
      signal: closing.signal,
      onChange: () => {
        generation += 1;
      },
      onProblem: (code, message) => options.onProblem?.({ issuer: place.issuer, code, message }),
    });
    sets.set(place.issuer, held);
  }
  return {
    key: (issuer, kid) => findKey(sets.get(issuer), kid),
    withdrawn: (issuer, kid) => sets.get(issuer)?.findWithdrawn(kid),
    get generation() {
      for (const set of sets.values()) set.dropWhenDead();
      return generation;
    },
    close: async () => closing.abort(),
  };
}

function findKey(
  set: HeldKeySet | undefined,
  kid: string,
): IssuerKey | undefined | Promise<IssuerKey | undefined> {
  if (set === undefined) {
    throw new VerificationError('issuer_unknown', 'No key set is configured for this issuer.');
  }
  const found = set.find(kid);
  if (found !== 'ask') return found;
  return set.load(true).then(() => {
    const loaded = set.findLoaded(kid);
    if (loaded !== 'none') return loaded;
    throw new VerificationError(
      'keys_unavailable',
      "The issuer's keys cannot be fetched now; without them no token is accepted.",
    );
  });
}

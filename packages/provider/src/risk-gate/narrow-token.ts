// What is left of a token's life and scope once everything that limits it is counted in.

import type { TokenLimits } from './risk-gate.ts';

export interface TokenReach {
  /** Life, in seconds. */
  seconds: number;
  scope?: string | undefined;
}

export function narrowToken(
  { seconds, scope }: TokenReach,
  limits: readonly (TokenLimits | undefined)[],
): TokenReach {
  const taken = new Set(limits.flatMap((limit) => limit?.withoutScopes ?? []));
  const longest = limits.map((limit) => limit?.accessTokenSeconds ?? seconds);
  // A limit that is no number of seconds is the shortest there is.
  const least = Math.min(seconds, ...longest.map((most) => (most >= 1 ? Math.floor(most) : 1)));
  const left = scope
    ?.split(' ')
    .filter((name) => !taken.has(name))
    .join(' ');
  return { seconds: least, scope: left === '' ? undefined : left };
}

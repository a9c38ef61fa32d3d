// C-01, the watching half: 80 % of its age is an alarm for a key that signs or waits to sign, the whole
// of it is one as well, although signer and verifiers refuse such a key by themselves.

import type { WatchedKey } from './house-view.ts';
import type { JudgeLimits } from './look.ts';
import type { Suspicion } from './suspicion.ts';

const SIGNS: ReadonlySet<string> = new Set(['published', 'active']);

/** @param nowMs as the clocks of house and watchdog agree, else that of the house */
export function suspectAge(
  keys: readonly WatchedKey[],
  nowMs: number,
  { ageShare }: Pick<JudgeLimits, 'ageShare'>,
): Suspicion[] {
  const unreplaced = findUnreplaced(keys, nowMs);
  return keys.flatMap((key) => {
    if (!SIGNS.has(key.state) && !unreplaced.has(key)) return [];
    const { kid, issuer, state, notBeforeSeconds, notAfterSeconds } = key;
    const maxAgeSeconds = notAfterSeconds - notBeforeSeconds;
    const share = maxAgeSeconds <= 0 ? 1 : (nowMs / 1000 - notBeforeSeconds) / maxAgeSeconds;
    if (share < ageShare) return [];
    const over = share >= 1;
    const age = Math.floor(share * 1000) / 1000;
    return [
      {
        code: over ? 'key_past_end' : 'key_old',
        ground: 'view',
        severity: over ? 'critical' : 'high',
        ...{ issuer, kid },
        message: over
          ? 'A key is past its end and no other has taken its place: nobody accepts what it signs.'
          : `A key has used ${Math.floor(share * 100)} % of the time it may live, and was not replaced.`,
        facts: { state, ageShare: age, maxAgeSeconds, notAfterSeconds },
        patienceMs: 0,
      } satisfies Suspicion,
    ];
  });
}

/**
 * A signer calls a key retired from its last second on, whether another has its place or none has: then
 * its issuer has nothing that signs, and an alarm that ended with it would be taken for an all-clear.
 */
function findUnreplaced(keys: readonly WatchedKey[], nowMs: number): ReadonlySet<WatchedKey> {
  const serving = new Set(keys.filter(({ state }) => SIGNS.has(state)).map(({ issuer }) => issuer));
  const lastEnd = new Map<string, number>();
  for (const { issuer, state, notAfterSeconds } of keys) {
    if (state !== 'retired' || serving.has(issuer)) continue;
    lastEnd.set(issuer, Math.max(lastEnd.get(issuer) ?? 0, notAfterSeconds));
  }
  const isLast = ({ issuer, state, notAfterSeconds }: WatchedKey): boolean =>
    state === 'retired' &&
    lastEnd.get(issuer) === notAfterSeconds &&
    nowMs >= notAfterSeconds * 1000;
  return new Set(keys.filter(isLast));
}

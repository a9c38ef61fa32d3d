// Keys in numbers, for Prometheus: how old each is that signs, and when the rotator last took a turn.
// A second opinion beside the watchdog, which is a process of its own.

import type { KeyLives, KeyView } from '@countersign/provider';
import { Gauge, type Registry } from 'prom-client';
import type { RecentKeys } from './share-key-list.ts';

/** A page of numbers must not grow with the number of tenants: the oldest keys are what is looked for. */
const MOST_KEYS = 500;

export function describeKeyMetrics(
  registry: Registry,
  keyLives: Pick<KeyLives, 'heartbeat'>,
  recentKeys: RecentKeys,
): void {
  new Gauge({
    name: 'countersign_rotator_last_tick_seconds',
    help: 'When some server last ended a turn of the rotator, in seconds since 1970; 0 before the first.',
    registers: [registry],
    collect() {
      this.set(keyLives.heartbeat().lastTickMs / 1000);
    },
  });
  new Gauge({
    name: 'countersign_key_age_share',
    help: 'Share of its longest age that is over, of each key that signs: alarm at 0.8, refused at 1.',
    // No issuer: everybody may read this page, and it must not say who our tenants are.
    labelNames: ['alg', 'kid'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { alg, kid, ageShare } of await oldestActive(recentKeys)) {
        this.set({ alg, kid }, ageShare);
      }
    },
  });
}

/** None while the signer is away: a sample that is missing is what alerts look for. */
async function oldestActive(recentKeys: RecentKeys): Promise<KeyView[]> {
  const keys = await recentKeys().catch(() => []);
  return keys
    .filter(({ state }) => state === 'active')
    .sort((one, other) => other.ageShare - one.ageShare)
    .slice(0, MOST_KEYS);
}

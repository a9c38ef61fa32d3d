import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyView } from '@countersign/provider';
import { Registry } from 'prom-client';
import { describeKeyMetrics } from './describe-key-metrics.ts';
import type { RecentKeys } from './share-key-list.ts';

const key = (kid: string, state: string, ageShare: number): KeyView =>
  ({ kid, state, ageShare, issuer: 'https://id.example/acme/partner', alg: 'ES256' }) as KeyView;

function metricsOf(recentKeys: RecentKeys): Promise<string> {
  const registry = new Registry();
  const heartbeat = () => ({ lastTickMs: 1_800_000_000_500, nextTickMs: 0, mine: true });
  describeKeyMetrics(registry, { heartbeat }, recentKeys);
  return registry.metrics();
}

test('the age of each key that signs, and the last turn of the rotator, are numbers to watch', async () => {
  const text = await metricsOf(async () => [
    key('one', 'active', 0.81),
    key('two', 'retired', 0.9),
  ]);
  assert.match(text, /countersign_rotator_last_tick_seconds 1800000000\.5/);
  assert.match(text, /countersign_key_age_share\{.*kid="one"\} 0\.81/);
  assert.doesNotMatch(text, /two/);
  // Whoever can reach the page is not told who the tenants are.
  assert.doesNotMatch(text, /acme/);
});

test('a signer that is away leaves no sample behind, and the page is there', async () => {
  const text = await metricsOf(() => Promise.reject(new Error('away')));
  assert.match(text, /countersign_rotator_last_tick_seconds/);
  assert.doesNotMatch(text, /countersign_key_age_share\{/);
});

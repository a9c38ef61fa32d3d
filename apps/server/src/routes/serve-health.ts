// `/healthz`: the process answers. `/readyz`: it could issue a token now. `/metrics`: Prometheus.

import type { SignerClient } from '@countersign/keys';
import type { KeyLives } from '@countersign/provider';
import type { Clock } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { describeKeyMetrics } from '../keys/describe-key-metrics.ts';
import type { RecentKeys } from '../keys/share-key-list.ts';
import type { HouseLogs } from '../logs/learn-logs.ts';
import type { HouseSigners } from '../signers/learn-signers.ts';
import { describeWitnessMetrics } from '../witnessing/describe-metrics.ts';
import type { Witnessing } from '../witnessing/witnessing.ts';

export interface HealthParts {
  signer: Pick<SignerClient, 'status' | 'readJournal'>;
  signers: Pick<HouseSigners, 'more'>;
  logs: HouseLogs;
  storeAnswers(): Promise<void>;
  witnessings: readonly Witnessing[];
  keyLives: Pick<KeyLives, 'heartbeat'>;
  recentKeys: RecentKeys;
  clock: Clock;
}

export function healthRoutes(health: HealthParts): Hono {
  const { signer, storeAnswers, logs, witnessings, clock } = health;
  const routes = new Hono();
  const metrics = describeMetrics(health);
  describeKeyMetrics(metrics, health.keyLives, health.recentKeys);
  describeWitnessMetrics(metrics, witnessings, () => clock.nowMs());
  routes.get('/healthz', (context) => context.json({ status: 'ok' }));
  routes.get('/readyz', async (context) => {
    const parts = {
      signer: signer.status(),
      notary: logs.appender.ready(),
      store: storeAnswers(),
    };
    const answers = await Promise.allSettled(Object.values(parts));
    const missing = Object.keys(parts).filter((_, at) => answers[at]?.status === 'rejected');
    if (missing.length === 0) return context.json({ status: 'ready' });
    return context.json({ status: 'not ready', missing }, 503, { 'retry-after': '1' });
  });
  routes.get('/metrics', async (context) =>
    context.body(await metrics.metrics(), 200, { 'content-type': metrics.contentType }),
  );
  return routes;
}

function describeMetrics({ signer, signers, logs }: HealthParts): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, read: () => Promise<number>): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      // A part that is away has no number: the sample is left out, which is what alerts look for.
      async collect() {
        try {
          this.set(await read());
        } catch (error) {
          this.remove();
          if (!(error instanceof Error)) throw error;
        }
      },
    });
  };
  for (const [at, { notary }] of logs.all.entries()) {
    const log = at === 0 ? 'countersign_log' : 'countersign_second_log';
    gauge(
      `${log}_durable_size`,
      'Leaves that no crash can lose.',
      async () => (await notary.size()).durableSize,
    );
    gauge(
      `${log}_published_size`,
      'Leaves below the public checkpoint.',
      async () => (await notary.size()).publishedSize,
    );
  }
  for (const [at, { readJournal }] of [signer, ...signers.more].entries()) {
    gauge(
      at === 0 ? 'countersign_journal_number' : 'countersign_second_journal_number',
      'Signatures made since the journal of this signer began.',
      async () => (await readJournal(1, 0)).lastNumber,
    );
  }
  return registry;
}

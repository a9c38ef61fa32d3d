// `/healthz`: the process answers. `/readyz`: it could issue a token now. `/metrics`: Prometheus.

import type { SignerClient } from '@countersign/keys';
import type { NotaryClient } from '@countersign/transparency';
import type { Clock } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { describeWitnessMetrics } from '../witnessing/describe-metrics.ts';
import type { Witnessing } from '../witnessing/witnessing.ts';

export interface HealthParts {
  signer: Pick<SignerClient, 'status'>;
  notary: Pick<NotaryClient, 'status'>;
  storeAnswers(): Promise<void>;
  witnessings: readonly Witnessing[];
  clock: Clock;
}

export function healthRoutes(health: HealthParts): Hono {
  const { signer, notary, storeAnswers, witnessings, clock } = health;
  const routes = new Hono();
  const metrics = describeMetrics({ signer, notary });
  describeWitnessMetrics(metrics, witnessings, () => clock.nowMs());
  routes.get('/healthz', (context) => context.json({ status: 'ok' }));
  routes.get('/readyz', async (context) => {
    const parts = {
      signer: signer.status(),
      notary: notary.status(),
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

function describeMetrics({ signer, notary }: Pick<HealthParts, 'signer' | 'notary'>): Registry {
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
  gauge(
    'countersign_log_durable_size',
    'Leaves that no crash can lose.',
    async () => (await notary.status()).durableSize,
  );
  gauge(
    'countersign_log_published_size',
    'Leaves below the public checkpoint.',
    async () => (await notary.status()).publishedSize,
  );
  gauge(
    'countersign_journal_number',
    'Signatures made since the journal began.',
    async () => (await signer.status()).lastNumber,
  );
  return registry;
}

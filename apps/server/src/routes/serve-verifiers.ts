// `/api/v1/…` for resource servers and for those who watch the logs: the feed and the policies to
// pin (public), and what was used and touched (by reporter credential).

import type { Audit } from '@countersign/audit';
import type { Directory } from '@countersign/directory';
import type { VerifierPolicy } from '@countersign/verifier';
import { CodedError } from '@countersign/vocabulary';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { Feed } from '../feed/publish-feed.ts';
import { bearerOf } from './authenticate.ts';
import { readJson, readQuery } from './read-json.ts';

export interface VerifierRouteParts {
  audit: Pick<Audit, 'recordUses' | 'recordAccesses'>;
  reporters: Pick<Directory['reporters'], 'authenticate'>;
  feed: Pick<Feed, 'current'>;
  describePolicy(issuer: string): Promise<VerifierPolicy>;
  /** Text of a tlog-policy. */
  logPolicy: string;
  /** Uses are on record: the reconciler should look. */
  onUses(): void;
  /** The same report, for whoever judges where tokens are used from; it returns at once. */
  onReport?(reporter: { id: string; tenant: string }, report: unknown): void;
}

export function verifierRoutes(parts: VerifierRouteParts): Hono {
  const { audit, reporters, feed, describePolicy, logPolicy, onUses, onReport } = parts;
  const routes = new Hono();
  routes.get('/feed', (context) => {
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'public, max-age=1',
    };
    return context.body(feed.current(), 200, headers);
  });
  routes.get('/verifier-policy', async (context) => {
    const { issuer } = readQuery(context, z.strictObject({ issuer: z.string().min(1).max(512) }));
    return context.json(await describePolicy(issuer), 200, { 'cache-control': 'no-store' });
  });
  routes.get('/log-policy', (context) =>
    context.body(logPolicy, 200, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    }),
  );
  const reporterOf = async (context: Context) => {
    const reporter = await reporters.authenticate(bearerOf(context));
    if (reporter !== undefined) return reporter;
    throw new CodedError(
      'not_authenticated',
      'This needs the credential of a reporter of the tenant.',
    );
  };
  routes.post('/uses', async (context) => {
    const reporter = await reporterOf(context);
    const report = await readJson(context, z.unknown());
    const taken = await audit.recordUses(reporter, report);
    onUses();
    onReport?.(reporter, report);
    return context.json(taken, 202);
  });
  routes.post('/accesses', async (context) => {
    const reporter = await reporterOf(context);
    const taken = await audit.recordAccesses(reporter, await readJson(context, z.unknown()));
    return context.json(taken, 202);
  });
  return routes;
}

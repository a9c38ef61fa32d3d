// `GET /api/v1/watchdog/view`: all keys with their counts and the pulse of the rotator, for the watchdog
// of this house alone. Its credential is drawn at each start, opens nothing else and is on no disk.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { KeyLives } from '@countersign/provider';
import { type Clock, CodedError } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { bearerOf } from '../routes/authenticate.ts';

export interface ViewParts {
  keyLives: Pick<KeyLives, 'list' | 'heartbeat'>;
  credential: string;
  clock: Clock;
}

export function watchdogRoutes({ keyLives, credential, clock }: ViewParts): Hono {
  const expected = createHash('sha256').update(credential).digest();
  const routes = new Hono();
  routes.get('/watchdog/view', async (context) => {
    const given = createHash('sha256').update(bearerOf(context)).digest();
    if (!timingSafeEqual(given, expected))
      throw new CodedError('not_authenticated', 'This is for the watchdog of this house alone.');
    const keys = (await keyLives.list()).map(
      ({ kid, issuer, state, notBeforeSeconds, notAfterSeconds, counts, away }) => ({
        ...{ kid, issuer, state, notBeforeSeconds, notAfterSeconds, counts },
        ...(away === undefined ? {} : { away }),
      }),
    );
    const { lastTickMs, nextTickMs, failed } = keyLives.heartbeat();
    const rotator = { lastTickMs, nextTickMs, ...(failed === undefined ? {} : { failed }) };
    return context.json({ atMs: clock.nowMs(), rotator, keys });
  });
  return routes;
}

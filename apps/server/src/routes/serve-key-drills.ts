// `POST /api/v1/key-drills` for operators: how a drill of the kill switch went, on record for whoever
// assesses us (control C-14). What is recorded is bound to a key that really was revoked.

import type { Audit } from '@countersign/audit';
import type { KeyLives } from '@countersign/provider';
import { type Clock, CodedError, type RealmId } from '@countersign/vocabulary';
import { Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { describeRequest } from './describe-request.ts';
import { readJson } from './read-json.ts';

export interface DrillRouteParts {
  keyLives: Pick<KeyLives, 'list'>;
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  operatorOnly: MiddlewareHandler;
}

const drill = z.strictObject({
  issuer: z.string().min(1).max(512),
  kid: z.string().min(1).max(256),
  verifiers: z.int().min(1).max(10_000),
  secondsToLastAcceptance: z.number().min(0).max(86_400),
  passed: z.boolean(),
});

export function drillRoutes({ keyLives, audit, clock, operatorOnly }: DrillRouteParts): Hono {
  const routes = new Hono();
  routes.use('/key-drills', operatorOnly);
  routes.post('/key-drills', async (context) => {
    const { issuer, kid, verifiers, passed, ...times } = await readJson(context, drill);
    const key = (await keyLives.list(issuer)).find((one) => one.kid === kid);
    if (key?.state !== 'revoked') {
      throw new CodedError('key_unknown', 'No key of that kid was revoked.');
    }
    const secondsToLastAcceptance = Math.round(times.secondsToLastAcceptance * 1000) / 1000;
    await audit.record([
      {
        name: 'key.drilled',
        timeMs: clock.nowMs(),
        realm: `${key.tenant}/${key.population}` as RealmId,
        subject: context.get('operator'),
        token: { kind: 'other', kid, issuer, alg: key.alg },
        request: describeRequest(context),
        extra: { verifiers, secondsToLastAcceptance, passed },
      },
    ]);
    return context.json({ recorded: true }, 201);
  });
  return routes;
}

// `/api/v1/operators`: the persons who may administer this installation. Any of them may make
// another, which is an event of its own and a line in the operator's log: whoever makes a second self
// to approve what he proposed is seen a day before that self may approve anything.

import type { Audit } from '@countersign/audit';
import { FIRST_OPERATOR, type Operators } from '@countersign/directory';
import type { Clock, CountersignEvent } from '@countersign/vocabulary';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';
import { z } from 'zod';
import { describeRequest } from './describe-request.ts';
import { readJson, readQuery } from './read-json.ts';

export interface OperatorRouteParts {
  operators: Operators;
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  log: Pick<Logger, 'warn'>;
  operatorOnly: MiddlewareHandler;
}

const newOperator = z.strictObject({ name: z.string().max(64) });
const pageQuery = z.strictObject({
  after: z.string().max(64).default(''),
  limit: z.coerce.number().int().min(1).max(500).default(500),
});

export function operatorRoutes(parts: OperatorRouteParts): Hono {
  const { operators, audit, clock, log, operatorOnly } = parts;
  const routes = new Hono();
  routes.use('/operators', operatorOnly);
  routes.use('/operators/:name', operatorOnly);
  const eventOf = (context: Context): Pick<CountersignEvent, 'timeMs' | 'subject' | 'request'> => ({
    timeMs: clock.nowMs(),
    subject: context.get('operator'),
    request: describeRequest(context),
  });
  routes.get('/operators', async (context) => {
    const page = readQuery(context, pageQuery);
    return context.json({ first: FIRST_OPERATOR, operators: await operators.list(page) });
  });
  routes.post('/operators', async (context) => {
    const { name } = await readJson(context, newOperator);
    const by = context.get('operator');
    const event: CountersignEvent = {
      name: 'operator.created',
      severity: 'high',
      ...eventOf(context),
      message: `${by} made an operator: ${name}.`,
      extra: { operator: name },
    };
    const made = await operators.create({ name, by }, (tx) => audit.record([event], tx));
    log.warn({ operator: name, by }, 'an operator was made');
    return context.json(made, 201, { 'cache-control': 'no-store' });
  });
  routes.delete('/operators/:name', async (context) => {
    const name = context.req.param('name');
    const by = context.get('operator');
    const event: CountersignEvent = {
      name: 'key.access',
      severity: 'high',
      ...eventOf(context),
      message: `${by} took the rights of operator ${name} away.`,
      extra: { action: 'revoke_operator', operator: name },
    };
    const ended: CountersignEvent = {
      name: 'operator.ended',
      ...eventOf(context),
      actor: { kind: 'operator', id: by },
      item: { kind: 'operator', id: name },
    };
    const revoked = await operators.revoke({ name, by }, (tx) => audit.record([event, ended], tx));
    return context.json(revoked, 200);
  });
  return routes;
}

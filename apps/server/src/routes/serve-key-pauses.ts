// `/api/v1/key-pauses` for operators: rotation is held back when two of them agree (control C-03).

import type { KeyPauses } from '@countersign/provider';
import { Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { readJson, readQuery } from './read-json.ts';

export interface PauseRouteParts {
  pauses: KeyPauses;
  operatorOnly: MiddlewareHandler;
}

const proposal = z.strictObject({
  issuer: z.string().min(1).max(512),
  reason: z.string().max(400),
  untilMs: z.int().min(0),
});
const pauseQuery = z.strictObject({
  issuer: z.string().min(1).max(512).optional(),
  open: z.enum(['true', 'false']).default('false'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export function pauseRoutes({ pauses, operatorOnly }: PauseRouteParts): Hono {
  const routes = new Hono();
  for (const path of ['/key-pauses', '/key-pauses/*']) routes.use(path, operatorOnly);
  routes.get('/key-pauses', async (context) => {
    const { issuer, open, limit } = readQuery(context, pauseQuery);
    const query = { limit, open: open === 'true' };
    const list = await pauses.list({ ...query, ...(issuer === undefined ? {} : { issuer }) });
    return context.json({ pauses: list });
  });
  routes.post('/key-pauses', async (context) => {
    const body = await readJson(context, proposal);
    const pause = await pauses.propose({ ...body, by: context.get('operator') });
    return context.json(pause, 201);
  });
  routes.post('/key-pauses/:id/approve', async (context) =>
    context.json(await pauses.approve(context.req.param('id'), context.get('operator'))),
  );
  routes.post('/key-pauses/:id/end', async (context) =>
    context.json(await pauses.end(context.req.param('id'), context.get('operator'))),
  );
  return routes;
}

// `/api/v1/sources` for operators: which logs of others are read into whose record. Whatever is done to
// a source is an event in the record of the tenant it reads for.

import type { Audit } from '@countersign/audit';
import type { Beside, PullSources, PullSourceView } from '@countersign/connectors';
import type { Directory } from '@countersign/directory';
import { type Clock, CodedError, type CountersignEvent } from '@countersign/vocabulary';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { describeRequest } from './describe-request.ts';
import { readJson, readQuery } from './read-json.ts';

export interface SourceRouteParts {
  sources: PullSources;
  tenants: Pick<Directory['tenants'], 'find'>;
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  /** Something may be due at once. */
  onDue(): void;
  operatorOnly: MiddlewareHandler;
}

const newSource = z.strictObject({
  tenant: z.string().min(1).max(63),
  name: z.string().min(1).max(64),
  settings: z.looseObject({ kind: z.string() }),
});
const sourceQuery = z.strictObject({ tenant: z.string().min(1).max(63).optional() });

/** What can be done to a source, and what it changes. */
const ACTS = {
  pause: { change: { enabled: false }, operation: 'disabled' },
  resume: { change: { enabled: true }, operation: 'enabled' },
  pull: { change: { due: true }, operation: 'read_now' },
} as const;

export function sourceRoutes(parts: SourceRouteParts): Hono {
  const { sources, tenants, onDue, operatorOnly } = parts;
  const routes = new Hono();
  for (const path of ['/sources', '/sources/*']) routes.use(path, operatorOnly);
  routes.get('/sources', async (context) => {
    const { tenant } = readQuery(context, sourceQuery);
    return context.json({ sources: await sources.list(tenant) });
  });
  routes.get('/sources/:id', async (context) =>
    context.json(await sources.find(context.req.param('id'))),
  );
  routes.post('/sources', async (context) => {
    const wanted = await readJson(context, newSource);
    if ((await tenants.find(wanted.tenant)) === undefined) {
      throw new CodedError('not_found', 'There is no such tenant.');
    }
    const by = context.get('operator');
    const made = await sources.create({ ...wanted, by }, tell(parts, context, 'source.created'));
    onDue();
    return context.json(made, 201);
  });
  for (const [name, { change, operation }] of Object.entries(ACTS)) {
    routes.post(`/sources/:id/${name}`, async (context) => {
      const beside = tell(parts, context, 'source.changed', operation);
      const changed = await sources.change(context.req.param('id'), change, beside);
      onDue();
      return context.json(changed);
    });
  }
  routes.delete('/sources/:id', async (context) => {
    const beside = tell(parts, context, 'source.changed', 'removed');
    return context.json(await sources.remove(context.req.param('id'), beside));
  });
  return routes;
}

function tell(
  { audit, clock }: SourceRouteParts,
  context: Context,
  name: 'source.created' | 'source.changed',
  operation?: string,
): Beside {
  return (source, tx) => audit.record([eventOf(source)], tx);

  function eventOf({ id, tenant, name: called, settings }: PullSourceView): CountersignEvent {
    return {
      ...{ name, timeMs: clock.nowMs(), tenant, request: describeRequest(context) },
      actor: { kind: 'operator', id: context.get('operator') },
      item: { kind: 'source', id, name: called },
      ...(operation === undefined ? {} : { operation }),
      extra: { kind: settings.kind },
    };
  }
}

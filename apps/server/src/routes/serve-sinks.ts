// `/api/v1/sinks`: where a tenant's log is sent as it grows, by an operator or by a reader of the tenant
// that may manage. Whatever is done to a sink is an event in that log; its secret is in no answer.

import type { Audit } from '@countersign/audit';
import type { BesideSink, PushSinks, PushSinkView } from '@countersign/connectors';
import type { Directory } from '@countersign/directory';
import { type ActorFacts, type Clock, CodedError } from '@countersign/vocabulary';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { eventOf } from '../sinks/note-sinks.ts';
import { describeRequest } from './describe-request.ts';
import { readJson, readQuery } from './read-json.ts';

export interface SinkRouteParts {
  sinks: PushSinks;
  tenants: Pick<Directory['tenants'], 'find'>;
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  /** The newest position of a tenant's log. */
  newest(tenant: string): Promise<number>;
  /** Lets readers of logs pass, and operators. */
  readerOnly: MiddlewareHandler;
}

const INSTALLATION = '_installation';
const tenant = z.string().min(1).max(63);
const newSink = z.strictObject({
  /** A tenant's own reader need not say; `_installation` is the operator's own log. */
  tenant: tenant.optional(),
  name: z.string().min(1).max(64),
  settings: z.looseObject({ kind: z.string() }),
  secret: z.looseObject({}).optional(),
  /** `start`: everything there is. Default: what comes from now on. */
  from: z.enum(['now', 'start']).default('now'),
});
const sinkQuery = z.strictObject({ tenant: tenant.optional() });

const ACTS = {
  pause: { change: { enabled: false }, operation: 'disabled' },
  resume: { change: { enabled: true }, operation: 'enabled' },
  deliver: { change: { due: true }, operation: 'deliver_now' },
} as const;

export function sinkRoutes(parts: SinkRouteParts): Hono {
  const { sinks, newest, readerOnly } = parts;
  const routes = new Hono();
  for (const path of ['/sinks', '/sinks/*']) routes.use(path, readerOnly);
  const ownSink = async (context: Context): Promise<PushSinkView> => {
    const sink = await sinks.find(context.req.param('id') ?? '');
    tenantFor(context, sink.tenant);
    return sink;
  };
  routes.get('/sinks', async (context) => {
    const asked = readQuery(context, sinkQuery).tenant;
    const all = context.get('reader').kind === 'operator' && asked === undefined;
    const of = all ? undefined : tenantFor(context, asked);
    return context.json({ sinks: await sinks.list(of) });
  });
  routes.get('/sinks/:id', async (context) => {
    const sink = await ownSink(context);
    const newestPosition = await newest(sink.tenant);
    const setAside = await sinks.listSetAside(sink.id);
    return context.json({
      ...{ ...sink, waiting: Math.max(0, newestPosition - sink.position) },
      events: setAside.map(({ sink: _, at_ms: atMs, ...event }) => ({ ...event, atMs })),
    });
  });
  routes.post('/sinks', async (context) => {
    const { from, ...wanted } = await readJson(context, newSink);
    const of = tenantFor(context, wanted.tenant);
    await refuseUnknown(parts, of);
    const position = from === 'start' ? 0 : await newest(of);
    const by = actorOf(context).id;
    const beside = tell(parts, context, 'sink.created');
    const { sink, webhookKey } = await sinks.create(
      { ...wanted, tenant: of, position, by },
      beside,
    );
    // Shown this once: whoever receives needs it to check signatures.
    const shown = webhookKey === undefined ? {} : { webhookKey };
    return context.json({ ...sink, ...shown }, 201, { 'cache-control': 'no-store' });
  });
  for (const [name, { change, operation }] of Object.entries(ACTS)) {
    routes.post(`/sinks/:id/${name}`, async (context) => {
      const { id } = await ownSink(context);
      const beside = tell(parts, context, 'sink.changed', operation);
      return context.json(await sinks.change(id, change, beside));
    });
  }
  routes.delete('/sinks/:id', async (context) => {
    const { id } = await ownSink(context);
    await sinks.remove(id, tell(parts, context, 'sink.changed', 'removed'));
    return context.body(null, 204);
  });
  return routes;
}

/** @throws CodedError `bad_request`, `not_allowed` */
function tenantFor(context: Context, asked: string | undefined): string {
  const reader = context.get('reader');
  if (reader.kind === 'operator') {
    if (asked === undefined) throw new CodedError('bad_request', 'Say whose log: tenant.');
    return asked;
  }
  const { tenant: own, manage } = reader;
  if (own === undefined || !manage || (asked !== undefined && asked !== own)) {
    throw new CodedError('not_allowed', 'This needs a reader of the tenant that may manage.');
  }
  return own;
}

async function refuseUnknown({ tenants }: SinkRouteParts, name: string): Promise<void> {
  if (name === INSTALLATION || (await tenants.find(name)) !== undefined) return;
  throw new CodedError('not_found', 'There is no such tenant.');
}

function actorOf(context: Context): ActorFacts {
  const { kind, id } = context.get('reader');
  return { kind: kind === 'operator' ? 'operator' : 'reader', id };
}

function tell(
  { audit, clock }: SinkRouteParts,
  context: Context,
  name: 'sink.created' | 'sink.changed',
  operation?: string,
): BesideSink {
  return (sink, tx) =>
    audit.record(
      [
        {
          ...eventOf(sink, clock, name),
          ...{ actor: actorOf(context), request: describeRequest(context) },
          ...(operation === undefined ? {} : { operation }),
        },
      ],
      tx,
    );
}

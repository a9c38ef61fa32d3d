// `/api/v1/readers` and `/api/v1/searches`: who may read a tenant's log, and searches it keeps. Made by
// operators, and by readers of the tenant that may manage, for that tenant only.

import type { Audit } from '@countersign/audit';
import type { Directory, Reader, SavedSearch } from '@countersign/directory';
import { parseFilter } from '@countersign/search';
import { type Clock, CodedError, type CountersignEvent } from '@countersign/vocabulary';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { actorOf } from '../reading/record-read.ts';
import type { LogReader } from './authenticate-reader.ts';
import { describeRequest } from './describe-request.ts';
import { readJson, readQuery } from './read-json.ts';
import { knownTenant } from './serve-tail.ts';

export interface ReaderRouteParts {
  directory: Pick<Directory, 'tenants' | 'readers' | 'searches'>;
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  readerOnly: MiddlewareHandler;
}

const text = z.string().max(300);
const tenant = z.string().min(1).max(63);
const newReader = z.strictObject({
  kind: z.enum(['tenant', 'responder', 'person']),
  tenant: tenant.optional(),
  name: text,
  manage: z.boolean().optional(),
  subject: text.optional(),
  realm: text.optional(),
  reason: text.optional(),
  expiresMs: z.int().optional(),
});
const newSearch = z.strictObject({
  tenant: tenant.optional(),
  name: text,
  filter: z.string().max(4096),
});
const page = z.strictObject({
  tenant: tenant.optional(),
  after: z.string().max(64).default(''),
  limit: z.coerce.number().int().min(1).max(500).default(500),
});

export function readerRoutes(parts: ReaderRouteParts): Hono {
  const { directory, audit, clock, readerOnly } = parts;
  const { readers } = directory;
  const routes = new Hono();
  routes.use('/readers', readerOnly);
  routes.use('/readers/:id', readerOnly);
  const eventOf = (context: Context, name: CountersignEvent['name'], reader: Reader) => ({
    ...{ name, timeMs: clock.nowMs(), tenant: reader.tenant },
    actor: actorOf(context.get('reader')),
    request: describeRequest(context),
    item: { kind: 'reader', id: reader.id, name: reader.name },
    extra: {
      ...{ kind: reader.kind, manage: reader.manage, expiresMs: reader.expiresMs },
      ...(reader.subject === null ? {} : { subject: reader.subject }),
      ...(reader.reason === null ? {} : { reason: reader.reason }),
    },
  });
  routes.get('/readers', async (context) => {
    const { tenant: asked, ...rest } = readQuery(context, page);
    const owner = await managed(parts, context, asked);
    return context.json({ readers: await readers.list(owner, rest) }, 200, NO_STORE);
  });
  routes.post('/readers', async (context) => {
    const { tenant: asked, ...given } = await readJson(context, newReader);
    const owner = required(await managed(parts, context, asked));
    refuseLonger(context.get('reader'), given.expiresMs);
    const by = nameOf(context.get('reader'));
    const made = await readers.create(
      { ...given, tenant: owner, by },
      (reader) => (tx) => audit.record([eventOf(context, 'reader.created', reader)], tx),
    );
    return context.json(made, 201, NO_STORE);
  });
  routes.delete('/readers/:id', async (context) => {
    const owner = await managed(parts, context, undefined);
    const ended = await readers.end(
      { id: context.req.param('id'), tenant: owner, by: nameOf(context.get('reader')) },
      (reader) => (tx) => audit.record([eventOf(context, 'reader.ended', reader)], tx),
    );
    return context.json(ended, 200, NO_STORE);
  });
  addSearches(routes, parts);
  return routes;
}

function addSearches(routes: Hono, parts: ReaderRouteParts): void {
  const { directory, audit, clock, readerOnly } = parts;
  const { searches } = directory;
  routes.use('/searches', readerOnly);
  routes.use('/searches/:id', readerOnly);
  const eventOf = (context: Context, name: CountersignEvent['name'], search: SavedSearch) => ({
    ...{ name, timeMs: clock.nowMs(), tenant: search.tenant },
    actor: actorOf(context.get('reader')),
    request: describeRequest(context),
    item: { kind: 'search', id: search.id, name: search.name },
    extra: { filter: search.filter.slice(0, 1000) },
  });
  routes.get('/searches', async (context) => {
    const { tenant: asked, ...rest } = readQuery(context, page);
    const reader = context.get('reader');
    if (reader.kind === 'person') throw notTheirs();
    const owner = required(reader.tenant ?? asked);
    if (asked !== undefined && asked !== owner) throw notTheirs();
    return context.json({ searches: await searches.list(owner, rest) }, 200, NO_STORE);
  });
  routes.post('/searches', async (context) => {
    const { tenant: asked, ...given } = await readJson(context, newSearch);
    const owner = required(await managed(parts, context, asked));
    parseFilter(given.filter, { nowMs: clock.nowMs() });
    const saved = await searches.save(
      { ...given, tenant: owner, by: nameOf(context.get('reader')) },
      (search) => (tx) => audit.record([eventOf(context, 'search.saved', search)], tx),
    );
    return context.json(saved, 201, NO_STORE);
  });
  routes.delete('/searches/:id', async (context) => {
    const { tenant: asked } = readQuery(context, page.pick({ tenant: true }));
    const owner = required(await managed(parts, context, asked));
    await searches.remove(
      { tenant: owner, id: context.req.param('id') },
      (search) => (tx) => audit.record([eventOf(context, 'search.removed', search)], tx),
    );
    return context.body(null, 204);
  });
}

const NO_STORE = { 'cache-control': 'no-store' };

/**
 * The tenant whose readers may be managed; undefined for an operator who named none.
 * @throws CodedError `not_allowed`, `not_found`
 */
async function managed(
  { directory }: ReaderRouteParts,
  context: Context,
  asked: string | undefined,
): Promise<string | undefined> {
  const { kind, tenant: own, manage } = context.get('reader');
  if (kind === 'operator') {
    if (asked !== undefined) await knownTenant(directory, asked);
    return asked;
  }
  if (own === undefined || !manage || (asked !== undefined && asked !== own)) throw notTheirs();
  return own;
}

/** Who is let in for a time makes nothing that stays longer. @throws CodedError `not_allowed` */
function refuseLonger({ expiresMs: ownMs }: LogReader, expiresMs: number | undefined): void {
  if (ownMs === undefined || (expiresMs !== undefined && expiresMs <= ownMs)) return;
  const message = `This credential ends at ${ownMs}; what it makes must not end later: expiresMs.`;
  throw new CodedError('not_allowed', message);
}

function notTheirs(): CodedError {
  const message = 'This needs an operator, or a reader of the tenant that may manage.';
  return new CodedError('not_allowed', message);
}

function required(owner: string | undefined): string {
  if (owner !== undefined) return owner;
  throw new CodedError('bad_request', 'Say whose: tenant.');
}

function nameOf({ kind, id }: LogReader): string {
  return kind === 'operator' ? `operator ${id}` : `reader ${id}`;
}

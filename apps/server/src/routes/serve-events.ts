// `/api/v1/events`, `/api/v1/event-counts`: a log searched, one event, and counts, for whoever may read it.
// What was handed out is on record before it leaves.

import type { Archive } from '@countersign/archive';
import type { Audit } from '@countersign/audit';
import type { Directory } from '@countersign/directory';
import { type Clock, CodedError } from '@countersign/vocabulary';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { isListing, listInOrder } from '../reading/list-in-order.ts';
import { QuietReads } from '../reading/quiet-reads.ts';
import { INSTALLATION, type ReadOperation, recordRead } from '../reading/record-read.ts';
import { bucketMsOf, countQuery, filterOf, searchQuery } from '../reading/search-query.ts';
import { showEvent } from '../reading/show-event.ts';
import { oneTenant, scopeOf } from './authenticate-reader.ts';
import { describeRequest } from './describe-request.ts';
import { readQuery } from './read-json.ts';
import { knownTenant } from './serve-tail.ts';

export interface EventRouteParts {
  archive: Pick<Archive, 'newestSequence'> & {
    client: Pick<Archive['client'], 'search' | 'aggregate' | 'findByUid' | 'follow'>;
  };
  audit: Pick<Audit, 'listEvents' | 'record'>;
  directory: Pick<Directory, 'tenants' | 'searches'>;
  clock: Clock;
  readerOnly: MiddlewareHandler;
}

export function eventRoutes(parts: EventRouteParts): Hono {
  const { archive, readerOnly } = parts;
  const quiet = new QuietReads(parts.clock);
  const routes = new Hono();
  const throughSequence = () => archive.newestSequence();

  routes.get('/events', readerOnly, async (context) => {
    if (isListing(context)) return listInOrder({ ...parts, quiet }, context);
    const { tenant, order, limit, cursor, ...query } = readQuery(context, searchQuery);
    const { scope, filter } = await readAsked(parts, context, tenant, query);
    const page = await archive.client.search({
      ...{ scope, filter, order, limit, cursor },
      throughSequence: await throughSequence(),
    });
    // Who searches all logs is seen in each of those that had something, and in the house's own.
    const counts = new Map([[scope.tenant ?? INSTALLATION, 0]]);
    for (const { tenant: owner } of page.events) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    await note(parts, context, 'search', filter, counts);
    const { events, next = null, throughSequence: through, unreadable } = page;
    return context.json(
      { events: events.map(showEvent), next, throughSequence: through, unreadable },
      200,
      NO_STORE,
    );
  });

  routes.get('/event-counts', readerOnly, async (context) => {
    const { tenant, by, distinct, approximate, bucket, order, limit, ...query } = readQuery(
      context,
      countQuery,
    );
    const one = oneTenant(context.get('reader'), tenant);
    const { scope, filter } = await readAsked(parts, context, one, query);
    if (scope.person !== undefined) {
      throw new CodedError('not_allowed', 'A person lists events; nothing is counted for one.');
    }
    const bucketMs = bucketMsOf(bucket);
    const answer = await archive.client.aggregate({
      ...{ scope, filter, groupBy: by, distinct, approximate, order, limit },
      ...(bucketMs === undefined ? {} : { bucketMs }),
      throughSequence: await throughSequence(),
    });
    await note(parts, context, 'count', filter, new Map([[one, 0]]));
    const { groups, total, more, throughSequence: through, unreadable } = answer;
    const estimated = answer.approximate === true ? { approximate: true } : {};
    return context.json(
      { by, distinct, ...estimated, groups, total, more, throughSequence: through, unreadable },
      200,
      NO_STORE,
    );
  });

  routes.get('/events/:uid', readerOnly, async (context) => {
    const uid = context.req.param('uid');
    const { tenant } = readQuery(context, searchQuery.pick({ tenant: true }));
    const { scope } = await readAsked(parts, context, tenant, { filter: '' });
    const found = UID.test(uid) ? await findEvent(parts, scope, uid) : undefined;
    if (found === undefined) throw new CodedError('not_found', 'There is no such event.');
    await note(parts, context, 'get', `uid = ${uid}`, new Map([[found.tenant, 1]]));
    return context.json(showEvent(found), 200, NO_STORE);
  });
  return routes;
}

const NO_STORE = { 'cache-control': 'no-store' };
const UID = /^[A-Za-z0-9_-]{1,64}$/;

/** @throws CodedError `not_allowed`, `reason_needed`, `not_found`, `search_unknown` */
async function readAsked(
  { directory }: EventRouteParts,
  context: Context,
  tenant: string | undefined,
  query: { filter: string; search?: string | undefined },
) {
  const scope = scopeOf(context.get('reader'), tenant);
  if (scope.tenant !== undefined) await knownTenant(directory, scope.tenant);
  return { scope, filter: await filterOf(directory.searches, scope.tenant, query) };
}

type Found = Parameters<typeof showEvent>[0];

async function findEvent(
  { archive }: EventRouteParts,
  scope: ReturnType<typeof scopeOf>,
  uid: string,
): Promise<Found | undefined> {
  const newest = await archive.newestSequence();
  if (scope.person !== undefined) {
    const only = { filter: `uid = "${uid}"`, order: 'newest' as const, limit: 1 };
    return (await archive.client.search({ scope, ...only, throughSequence: newest })).events[0];
  }
  await archive.client.follow(newest);
  const found = await archive.client.findByUid(scope.tenant, uid);
  if (found === undefined) return undefined;
  const { leaf: _, salt: __, ...event } = found;
  const severity: unknown = event.ocsf === undefined ? 0 : JSON.parse(event.ocsf).severity_id;
  return { ...event, severityId: typeof severity === 'number' ? severity : 0 };
}

async function note(
  parts: EventRouteParts,
  context: Context,
  operation: ReadOperation,
  filter: string,
  counts: ReadonlyMap<string, number>,
): Promise<void> {
  const reader = context.get('reader');
  await recordRead(parts, {
    ...{ reader, operation, filter, counts },
    request: describeRequest(context),
  });
}

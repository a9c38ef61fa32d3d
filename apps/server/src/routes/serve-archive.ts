// `/api/v1/segments`, `/api/v1/retention` and `/api/v1/erasures`: what is sealed, how long it is kept,
// and taking one person's data out. Nothing here can delete anything before its time.

import type { SegmentTable } from '@countersign/archive';
import { type ActorFacts, CodedError } from '@countersign/vocabulary';
import { Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import type { HouseArchive } from '../archive/open-archive.ts';
import { type LogReader, oneTenant } from './authenticate-reader.ts';
import { readJson, readQuery } from './read-json.ts';

export interface ArchiveRouteParts {
  archive: Pick<
    HouseArchive,
    | 'listSegments'
    | 'listTroubles'
    | 'readRetention'
    | 'changeRetention'
    | 'askErasure'
    | 'listErasures'
    | 'tidySoon'
  >;
  /** Events are kept for tenants that are; `_installation` is nobody's to erase. */
  isTenant(tenant: string): Promise<boolean>;
  readerOnly: MiddlewareHandler;
}

const tenant = z.string().min(1).max(63).optional();
const count = z.coerce.number().int().min(0);
const segmentQuery = z.strictObject({
  tenant,
  after: count.default(0),
  limit: count.min(1).max(1000).default(100),
});
const tenantQuery = z.strictObject({ tenant });
const retention = z.strictObject({ tenant, profile: z.string().min(1).max(32) });
const erasure = z.strictObject({
  tenant,
  subject: z.string().min(1).max(512),
  reason: z.string().trim().min(1).max(512),
});

export function archiveRoutes({ archive, isTenant, readerOnly }: ArchiveRouteParts): Hono {
  const routes = new Hono();
  for (const path of ['/segments', '/retention', '/erasures']) routes.use(path, readerOnly);

  routes.get('/segments', async (context) => {
    const { after, limit, ...query } = readQuery(context, segmentQuery);
    const owner = wholeLogOf(context.get('reader'), query.tenant);
    const segments = await archive.listSegments({ tenant: owner, after, limit });
    return context.json({
      tenant: owner,
      segments: segments.map(describeSegment),
      unreadable: await archive.listTroubles(owner),
      next: segments.at(-1)?.segment ?? after,
    });
  });

  routes.get('/retention', async (context) => {
    const { tenant: asked } = readQuery(context, tenantQuery);
    return context.json(await archive.readRetention(wholeLogOf(context.get('reader'), asked)));
  });
  routes.put('/retention', async (context) => {
    const { tenant: asked, profile } = await readJson(context, retention);
    const reader = context.get('reader');
    const owner = await managed(reader, asked);
    return context.json(
      await archive.changeRetention({ tenant: owner, profile, by: actorOf(reader) }),
    );
  });

  routes.get('/erasures', async (context) => {
    const { tenant: asked } = readQuery(context, tenantQuery);
    const owner = wholeLogOf(context.get('reader'), asked);
    return context.json({ erasures: await archive.listErasures(owner) });
  });
  routes.post('/erasures', async (context) => {
    const { tenant: asked, subject, reason } = await readJson(context, erasure);
    const reader = context.get('reader');
    const owner = await managed(reader, asked);
    const by = actorOf(reader);
    const accepted = await archive.askErasure({ tenant: owner, subject, by, reason });
    archive.tidySoon();
    return context.json(accepted, 202);
  });
  return routes;

  /** The tenant whose log a reader may change, which is less than to read it. */
  async function managed(reader: LogReader, asked: string | undefined): Promise<string> {
    if (!reader.manage || reader.kind === 'person' || reader.kind === 'responder') {
      const message = 'This takes an operator, or a reader of the tenant that may manage.';
      throw new CodedError('not_allowed', message);
    }
    const owner = oneTenant(reader, asked);
    if (await isTenant(owner)) return owner;
    throw new CodedError('not_found', 'There is no such tenant.');
  }
}

/** A person reads own events only, and no facts about those of others. */
function wholeLogOf(reader: LogReader, asked: string | undefined): string {
  if (reader.kind === 'person') {
    throw new CodedError('not_allowed', 'This credential reads the events of one person.');
  }
  return oneTenant(reader, asked);
}

function actorOf({ kind, id, reason }: LogReader): ActorFacts {
  const actor = { kind: kind === 'operator' ? ('operator' as const) : ('reader' as const), id };
  return reason === undefined ? actor : { ...actor, reason };
}

function describeSegment(row: SegmentTable) {
  return {
    ...{ segment: row.segment, first: row.first, last: row.last, state: row.state },
    ...{ root: row.root, headBefore: row.head_before, headAfter: row.head_after },
    ...{ firstMs: row.first_ms, lastMs: row.last_ms, sealedMs: row.sealed_ms },
    ...{ keepUntilMs: row.keep_until_ms, keepKeysUntilMs: row.keep_keys_until_ms },
    ...(row.deleted_ms === null ? {} : { deletedMs: row.deleted_ms }),
    ...(row.profile === null ? {} : { profile: row.profile }),
  };
}

// Events in the order of recording from a number on: what followers of the record ask for, and what there
// was before it could be searched. For operators; what they saw of a tenant stands in its log.

import type { Audit } from '@countersign/audit';
import type { Directory } from '@countersign/directory';
import { CodedError, type EventName } from '@countersign/vocabulary';
import type { Context } from 'hono';
import { z } from 'zod';
import { describeRequest } from '../routes/describe-request.ts';
import { readQuery } from '../routes/read-json.ts';
import { isOwnTrace, type QuietReads } from './quiet-reads.ts';
import { INSTALLATION, type ReadParts, recordRead } from './record-read.ts';

const count = z.coerce.number().int().min(0);
const listQuery = z.strictObject({
  after: count.default(0),
  limit: count.min(1).max(1000).default(100),
  /** One, or several with commas between, so that one cursor leads through all of them. */
  name: z
    .string()
    .transform((names) => names.split(','))
    .pipe(z.array(z.string().max(64)).max(8))
    .optional(),
  tenant: z.string().max(63).optional(),
});

/** What asks for a search, and not for this. */
const OF_A_SEARCH = ['filter', 'cursor', 'order', 'search'];

export function isListing(context: Context): boolean {
  const { kind } = context.get('reader');
  return kind === 'operator' && OF_A_SEARCH.every((name) => context.req.query(name) === undefined);
}

export async function listInOrder(
  parts: ReadParts & {
    quiet: QuietReads;
    audit: Pick<Audit, 'listEvents'>;
    directory: Pick<Directory, 'tenants'>;
  },
  context: Context,
): Promise<Response> {
  const reader = context.get('reader');
  if (reader.kind !== 'operator') throw new CodedError('not_allowed', 'This is for operators.');
  const { after, limit, name: names, tenant } = readQuery(context, listQuery);
  const found = await parts.audit.listEvents({
    afterSequence: after,
    limit,
    ...(names === undefined ? {} : { names: names as EventName[] }),
    ...(tenant === undefined ? {} : { tenant }),
  });
  // A name that is no tenant's has no log to stand in.
  const named = tenant !== undefined && (await parts.directory.tenants.find(tenant)) !== undefined;
  const counts = new Map(named ? [[tenant, 0]] : []);
  const news = new Set<string>();
  for (const event of found) {
    const { tenant: owner = INSTALLATION } = event;
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
    if (!isOwnTrace(event, reader.id)) news.add(owner);
  }
  // Nobody is told that the installation's own record was followed: that would never come to an end.
  if (tenant === undefined) counts.delete(INSTALLATION);
  const filter = names === undefined ? '' : `name in (${names.join(', ')})`;
  for (const owner of counts.keys()) {
    const what = [reader.id, reader.reason ?? '', owner, filter];
    if (!news.has(owner) && !parts.quiet.isNew(what)) counts.delete(owner);
  }
  const request = describeRequest(context);
  await recordRead(parts, { reader, request, operation: 'list', filter, counts });
  const events = found.map(({ text: _, source: __, ...shown }) => shown);
  return context.json({ events, next: events.at(-1)?.sequence ?? after });
}

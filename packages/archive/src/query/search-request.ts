// What is asked of the archive: who asks, the filter as text, and how much. The filter is parsed where
// it is run, so that nothing but text and numbers crosses the pipe; the scope is no part of the filter,
// and no filter can widen it.

import { z } from 'zod';
import type { UnreadablePart } from '../inside/event-relation.ts';

/** Whose events may be seen at all. Decided by the server from the credential, never by a request. */
export interface SearchScope {
  /** Absent only for operators: all tenants and the installation (`_installation`). */
  tenant?: string | undefined;
  /** Only events of this person, exactly as spelled in the token's `sub`; needs `tenant`. */
  person?: { subject: string; realm?: string | undefined } | undefined;
}

export interface SearchRequest {
  scope: SearchScope;
  /** Filter language of packages/search. Empty: everything in scope. */
  filter: string;
  /** By the time of the event; events of the same millisecond by their order of recording. */
  order: 'newest' | 'oldest';
  /** 1 to 1000. */
  limit: number;
  /** `next` of the page before; the other members must then be the same. */
  cursor?: string | undefined;
  /** Events up to this sequence number are followed before it is searched: read your writes. */
  throughSequence?: number | undefined;
  /** Given up after this. Default 10,000; at most 60,000. */
  timeoutMs?: number | undefined;
}

export interface FoundEvent {
  sequence: number;
  /** Place in the tenant's chain. */
  number: number;
  uid: string;
  /** `_installation` for events of no tenant. */
  tenant: string;
  timeMs: number;
  name: string;
  severityId: number;
  /** The stored event, canonical JSON; absent when it was erased. */
  ocsf?: string | undefined;
  /** The payload was erased; number, time and leaf are kept. */
  erased?: true | undefined;
}

export interface SearchPage {
  events: FoundEvent[];
  /** Absent on the last page. */
  next?: string | undefined;
  /** The page, and those that follow it, show events up to this sequence number. */
  throughSequence: number;
  /** Segment files that could hold matches, and that were opened. */
  filesRead: number;
  /** Files that could hold matches and cannot be read: what they hold is missing here. */
  unreadable: UnreadablePart[];
}

export interface AggregateRequest {
  scope: SearchScope;
  filter: string;
  /** Field paths as in a filter, at most three. None: one group of all. */
  groupBy: string[];
  /** Adds the start of the time bucket to each key; at least 1000. */
  bucketMs?: number | undefined;
  /** Field paths of which the different values are counted, at most three. */
  distinct?: string[] | undefined;
  /** Different values are estimated, mostly to 5 %, at a third of the cost. Default false. */
  approximate?: boolean | undefined;
  /** Most frequent first, or by bucket and key. */
  order: 'count' | 'key';
  /** Groups, 1 to 1000. */
  limit: number;
  throughSequence?: number | undefined;
  timeoutMs?: number | undefined;
}

export interface EventGroup {
  /** In the order of `groupBy`; null where events have no such field. */
  key: (string | number | boolean | null)[];
  /** Start of the bucket, when buckets were asked for. */
  bucketMs?: number | undefined;
  count: number;
  /** In the order of `distinct`. */
  distinct: number[];
  firstMs: number;
  lastMs: number;
}

export interface AggregateAnswer {
  groups: EventGroup[];
  /** Events that match, over all groups, also those beyond the limit. */
  total: number;
  /** There are more groups than the limit. */
  more: boolean;
  /** Set when `distinct` holds estimates. */
  approximate?: true;
  throughSequence: number;
  filesRead: number;
  unreadable: UnreadablePart[];
}

const scope = z.strictObject({
  tenant: z.string().max(63).optional(),
  person: z
    .strictObject({ subject: z.string().min(1).max(512), realm: z.string().max(80).optional() })
    .optional(),
});
const filter = z.string().max(4096);
const throughSequence = z.int().min(0).optional();
const timeoutMs = z.int().min(1).max(60_000).optional();
const paths = z.array(z.string().min(1).max(256)).max(3);

/** What crosses the pipe is checked again where it arrives. */
export const searchRequestSchema = z
  .strictObject({
    ...{ scope, filter, throughSequence, timeoutMs },
    order: z.enum(['newest', 'oldest']),
    limit: z.int().min(1).max(1000),
    cursor: z.string().max(256).optional(),
  })
  .refine(ofTenant, 'a person is one of a tenant');

export const aggregateRequestSchema = z
  .strictObject({
    ...{ scope, filter, throughSequence, timeoutMs },
    groupBy: paths,
    bucketMs: z.int().min(1000).optional(),
    distinct: paths.optional(),
    approximate: z.boolean().optional(),
    order: z.enum(['count', 'key']),
    limit: z.int().min(1).max(1000),
  })
  .refine(ofTenant, 'a person is one of a tenant');

function ofTenant({ scope: { tenant, person } }: { scope: SearchScope }): boolean {
  return person === undefined || tenant !== undefined;
}

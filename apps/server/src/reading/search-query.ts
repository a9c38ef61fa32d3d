// What may stand in the query of a search, a count or a tail, and what it comes to.

import type { SavedSearches } from '@countersign/directory';
import { CodedError } from '@countersign/vocabulary';
import { z } from 'zod';

const tenant = z.string().max(63);
const filter = z.string().max(4096);
/** Id or name of a saved search; a filter beside it narrows it further. */
const search = z.string().min(1).max(80);
const count = z.coerce.number().int();
const paths = z
  .string()
  .transform((text) => text.split(',').filter((name) => name !== ''))
  .pipe(z.array(z.string().max(256)).max(3));

export const searchQuery = z.strictObject({
  tenant: tenant.optional(),
  filter: filter.default(''),
  search: search.optional(),
  order: z.enum(['newest', 'oldest']).default('newest'),
  limit: count.min(1).max(1000).default(100),
  cursor: z.string().max(256).optional(),
});

export const countQuery = z.strictObject({
  tenant: tenant.optional(),
  filter: filter.default(''),
  search: search.optional(),
  by: paths.default([]),
  distinct: paths.default([]),
  approximate: z
    .enum(['true', 'false'])
    .default('false')
    .transform((word) => word === 'true'),
  bucket: z
    .string()
    .regex(/^[1-9]\d{0,3}[mhd]$/, 'is a number and m, h or d: 15m, 1h, 1d')
    .optional(),
  order: z.enum(['count', 'key']).default('count'),
  limit: count.min(1).max(1000).default(100),
});

export const tailQuery = z.strictObject({
  tenant: tenant.optional(),
  filter: filter.default(''),
  search: search.optional(),
});

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

export function bucketMsOf(bucket: string | undefined): number | undefined {
  if (bucket === undefined) return undefined;
  return Number(bucket.slice(0, -1)) * (UNIT_MS[bucket.slice(-1)] ?? 0);
}

/** @throws CodedError `search_unknown` */
export async function filterOf(
  searches: Pick<SavedSearches, 'find'>,
  owner: string | undefined,
  asked: { filter: string; search?: string | undefined },
): Promise<string> {
  if (asked.search === undefined) return asked.filter;
  const saved = owner === undefined ? undefined : await searches.find(owner, asked.search);
  if (saved === undefined) throw new CodedError('search_unknown', 'There is no such search.');
  const both = [saved.filter, asked.filter].filter((text) => text.trim() !== '');
  return both.length < 2 ? (both[0] ?? '') : both.map((text) => `(${text})`).join(' and ');
}

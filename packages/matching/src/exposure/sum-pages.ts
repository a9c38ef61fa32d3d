// The whole of an exposure in a few numbers: the first thing somebody who was read wants to know.

import type { BlindSpot } from './blind-spots.ts';
import type { ByConfidence, PersonPage } from './person-page.ts';

type Page = ReturnType<PersonPage['describe']>;

export function sumPages(pages: readonly Page[], blind: readonly BlindSpot[]) {
  const byKind: Record<string, number> = {};
  const confidence: ByConfidence = { high: 0, medium: 0, low: 0 };
  for (const { items } of pages) {
    for (const [kind, count] of Object.entries(items.byKind))
      byKind[kind] = (byKind[kind] ?? 0) + count;
    for (const level of ['high', 'medium', 'low'] as const)
      confidence[level] += items.confidence[level];
  }
  return {
    ...sumUp(pages),
    tenants: new Set(pages.map(({ tenant }) => tenant)).size,
    byKind,
    confidence,
    /** More was touched than is listed: some record says so, or there was no room. */
    atLeast:
      pages.some(({ wholeFolders, items }) => wholeFolders.length > 0 || items.unlisted > 0) ||
      blind.some(({ kind }) => INCOMPLETE.has(kind)),
  };
}

const INCOMPLETE: ReadonlySet<string> = new Set([
  ...['throttled', 'truncated', 'whole_folder', 'log_gap', 'unmapped', 'unreadable', 'bounded'],
]);

export function sumTenants(pages: readonly Page[]) {
  const tenants = Map.groupBy(pages, ({ tenant }) => tenant);
  return [...tenants].map(([tenant, own]) => ({ tenant, ...sumUp(own) }));
}

function sumUp(pages: readonly Page[]) {
  const add = (of: (page: Page) => number): number =>
    pages.reduce((sum, page) => sum + of(page), 0);
  const moments = pages.flatMap(({ firstMs, lastMs }) => [firstMs, lastMs]);
  return {
    records: add(({ records }) => records.high + records.medium + records.low),
    items: add(({ items }) => items.total),
    wholeFolders: add(({ wholeFolders }) => wholeFolders.length),
    /** A person of two tenants is one. */
    people: new Set(pages.map(({ person }) => person)).size,
    firstMs: moments.length === 0 ? null : Math.min(...moments),
    lastMs: moments.length === 0 ? null : Math.max(...moments),
  };
}

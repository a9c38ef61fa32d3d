// "What was read with it?" from the record: a few searches, each page folded and forgotten. The scope is
// the reader's own, whatever is asked.

import type { FoundEvent, SearchPage, SearchRequest, SearchScope } from '@countersign/archive';
import {
  type Activity,
  Exposure,
  type ExposureReport,
  familyOf,
  type Question,
  readOwnEvent,
} from '@countersign/matching';
import {
  filterOf,
  filterOfGaps,
  filtersOfIssues,
  filtersOfTrace,
  issuerFilters,
} from './exposure-filters.ts';

export interface ExposeParts {
  search(request: SearchRequest): Promise<SearchPage>;
  /** Default 200,000. */
  mostEvents?: number;
}

export interface ExposeRequest {
  question: Question;
  scope: SearchScope;
  /** Items listed for each person. */
  listed: number;
}

export interface Exposed {
  report: ExposureReport;
  /** Events that were looked into, of each tenant. */
  counts: Map<string, number>;
}

const PAGE = 1000;
const MOST_FILTERS = 50;
const MOST_EVENTS = 200_000;
const TIMEOUT_MS = 30_000;

/** @throws CodedError as the search does */
export async function exposeRecord(
  parts: ExposeParts,
  { question, scope, listed }: ExposeRequest,
): Promise<Exposed> {
  const exposure = new Exposure(question, { mostListed: listed });
  const reading = new Reading(parts, scope);
  const first = filterOf(question);
  const families = new Set<string>();
  for await (const activity of reading.all(first)) {
    exposure.learn(activity);
    families.add(familyOf(activity.source));
  }
  const { trace } = exposure;
  const { filters, more } =
    question.kind === 'token' || question.kind === 'key'
      ? filtersOfTrace(trace, MOST_FILTERS)
      : { filters: [], more: false };
  if (more) exposure.addBound();
  const issues = filtersOfIssues(trace, MOST_FILTERS);
  for (const filter of issues.filters)
    for await (const activity of reading.all(filter)) exposure.learnIssue(activity);
  if (issues.more || trace.overflowed || reading.exhausted) exposure.withholdJudgement();
  for (const filter of issuerFilters(families))
    for await (const activity of reading.ends(filter)) exposure.learnReach(activity);
  const gaps =
    trace.fromMs === null || trace.toMs === null ? [] : [filterOfGaps(trace.fromMs, trace.toMs)];
  for (const filter of [first, ...filters, ...gaps])
    for await (const activity of reading.all(filter)) exposure.add(activity);
  if (reading.exhausted) exposure.addBound();
  exposure.addUnreadable(reading.unreadable.size);
  return { report: exposure.report(), counts: reading.counts };
}

class Reading {
  readonly #parts: ExposeParts;
  readonly #scope: SearchScope;
  readonly counts = new Map<string, number>();
  #left: number;
  /** Files of the archive that hold records of this time and could not be read. */
  readonly unreadable = new Set<string>();
  /** There was more than may be looked into. */
  exhausted = false;

  constructor(parts: ExposeParts, scope: SearchScope) {
    this.#parts = parts;
    this.#scope = scope;
    this.#left = parts.mostEvents ?? MOST_EVENTS;
  }

  async *all(filter: string): AsyncGenerator<Activity> {
    let cursor: string | undefined;
    do {
      const page = await this.#page(filter, 'oldest', PAGE, cursor);
      yield* this.#read(page.events);
      for (const part of page.unreadable) this.unreadable.add(JSON.stringify(part));
      cursor = page.next;
      this.#left -= page.events.length;
      if (this.#left <= 0 && cursor !== undefined) this.exhausted = true;
    } while (cursor !== undefined && this.#left > 0);
  }

  /** The oldest and the newest: how far these records reach. */
  async *ends(filter: string): AsyncGenerator<Activity> {
    for (const order of ['oldest', 'newest'] as const)
      yield* this.#read((await this.#page(filter, order, 1, undefined)).events);
  }

  #page(
    filter: string,
    order: 'oldest' | 'newest',
    limit: number,
    cursor: string | undefined,
  ): Promise<SearchPage> {
    const paged = cursor === undefined ? {} : { cursor };
    const timeoutMs = TIMEOUT_MS;
    return this.#parts.search({ scope: this.#scope, filter, order, limit, timeoutMs, ...paged });
  }

  *#read(events: readonly FoundEvent[]): Generator<Activity> {
    for (const { ocsf, tenant, uid } of events) {
      this.counts.set(tenant, (this.counts.get(tenant) ?? 0) + 1);
      if (ocsf === undefined) continue;
      const activity = readOwnEvent(JSON.parse(ocsf) as Record<string, unknown>, uid);
      if (activity !== undefined) yield activity;
    }
  }
}

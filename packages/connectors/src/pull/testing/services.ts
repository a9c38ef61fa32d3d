// The four services, as far as pulling needs them, each with records that a test adds: in their order of
// pages, with their ways to name the next one, and their refusals.

import type { JsonObject } from '@countersign/sources';
import { type Given, PageTokens, type Route } from './log-stand-in.ts';

const GONE: Given = { status: 400, body: { error: { code: 'BadRequest' } } };

/** `id` and a time make a record; services sort by time, and cut by `[from, to)`. */
export interface Timed {
  record: JsonObject;
  timeMs: number;
}

function between(records: readonly Timed[], from: string | null, to: string | null): Timed[] {
  const fromMs = from === null ? 0 : Date.parse(zoned(from));
  const toMs = to === null ? Number.POSITIVE_INFINITY : Date.parse(zoned(to));
  return records.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs);
}

function zoned(text: string): string {
  return /Z$/.test(text) ? text : `${text}Z`;
}

export interface StandInService {
  route: Route;
  records: Timed[];
  pages: PageTokens;
}

/** The newest first; every third page is empty and has a next one all the same. */
export function graphService(base: () => string, path: string, each = 2): StandInService {
  const pages = new PageTokens();
  const records: Timed[] = [];
  const route: Route = ({ url }) => {
    if (url.pathname !== path) return undefined;
    const filter = url.searchParams.get('$filter') ?? '';
    const [, from = null, to = null] = /ge (\S+) and \w+ lt (\S+)/.exec(filter) ?? [];
    const found = between(records, from, to).toSorted((one, other) => other.timeMs - one.timeMs);
    const token = url.searchParams.get('$skiptoken');
    const place = token === null ? 0 : pages.placeOf(token);
    if (place === undefined) return GONE;
    const empty = place > 0 && token !== null && Number(token.slice(5)) % 3 === 0;
    const end = empty ? place : place + each;
    const next = new URL(url);
    if (end < found.length) next.searchParams.set('$skiptoken', pages.make(end));
    return {
      body: {
        value: found.slice(place, end).map(({ record }) => record),
        ...(end < found.length ? { '@odata.nextLink': base() + next.pathname + next.search } : {}),
      },
    };
  };
  return { route, records, pages };
}

/** The newest first; the next page by a token in the body; no `items` when there are none. */
export function googleService(each = 2): StandInService {
  const pages = new PageTokens();
  const records: Timed[] = [];
  const route: Route = ({ url }) => {
    const [, application] = /\/applications\/(\w+)$/.exec(url.pathname) ?? [];
    if (application === undefined) return undefined;
    const query = url.searchParams;
    const found = between(records, query.get('startTime'), query.get('endTime'))
      .filter(({ record }) => record['application'] === application)
      .toSorted((one, other) => other.timeMs - one.timeMs);
    const token = query.get('pageToken');
    const place = token === null ? 0 : pages.placeOf(token);
    if (place === undefined) return GONE;
    const items = found.slice(place, place + each).map(({ record }) => record);
    const more = place + each < found.length;
    return {
      body: {
        kind: 'admin#reports#activities',
        ...(items.length > 0 ? { items } : {}),
        ...(more ? { nextPageToken: pages.make(place + each) } : {}),
      },
    };
  };
  return { route, records, pages };
}

/** In the order in which records were stored; polling has a next page also when it is empty. */
export function oktaService(base: () => string, each = 2): StandInService {
  const pages = new PageTokens();
  const records: Timed[] = [];
  const route: Route = ({ url }) => {
    if (url.pathname !== '/api/v1/logs') return undefined;
    const query = url.searchParams;
    const token = query.get('after');
    const place = token === null ? 0 : pages.placeOf(token);
    if (place === undefined) return { status: 400, body: { errorCode: 'E0000031' } };
    const until = query.get('until');
    const since = query.get('since');
    const found = records
      .map((record, at) => ({ ...record, at }))
      .slice(place)
      .filter((record) => between([record], since, until).length === 1);
    const page = found.slice(0, each);
    const end = (page.at(-1)?.at ?? place - 1) + 1;
    const more = until === null || found.length > each;
    const next = new URL(url);
    next.searchParams.set('after', more ? pages.make(end) : 'none');
    const self = `<${base()}${url.pathname}${url.search}>; rel="self"`;
    const link = more ? [self, `<${base()}${next.pathname}${next.search}>; rel="next"`] : [self];
    return { headers: { link }, body: page.map(({ record }) => record) };
  };
  return { route, records, pages };
}

export interface OfficeStandIn {
  route: Route;
  pages: PageTokens;
  enabled: Set<string>;
  blobs: { id: string; contentType: string; createdMs: number; records: JsonObject[] }[];
  /** Blobs that expired after they were listed. */
  expired: Set<string>;
  /** Ids of the blobs that were fetched. */
  fetched: string[];
}

/** Lists of blobs, the next page in a header; blobs of several records. */
export function officeService(base: () => string, tenant: string, each = 2): OfficeStandIn {
  const own: OfficeStandIn = {
    ...{ pages: new PageTokens(), enabled: new Set<string>(), blobs: [] },
    ...{ expired: new Set<string>(), fetched: [], route: () => undefined },
  };
  const feed = `/api/v1.0/${tenant}/activity/feed`;
  own.route = ({ method, url }) => {
    const type = url.searchParams.get('contentType') ?? '';
    switch (url.pathname) {
      case `${feed}/subscriptions/list`:
        return {
          body: [...own.enabled].map((contentType) => ({
            contentType,
            status: 'enabled',
            webhook: null,
          })),
        };
      case `${feed}/subscriptions/start`:
        if (method !== 'POST') return { status: 405, body: {} };
        if (own.enabled.has(type)) return { status: 400, body: { error: { code: 'AF20024' } } };
        own.enabled.add(type);
        return { body: { contentType: type, status: 'enabled', webhook: null } };
      case `${feed}/subscriptions/content`:
        return list(own, base(), feed, url, type, each);
    }
    const [, id] = /^\/audit\/([\w-]+)$/.exec(url.pathname) ?? [];
    const blob = own.blobs.find((one) => one.id === id);
    if (id === undefined || blob === undefined) return undefined;
    if (own.expired.has(id)) return { status: 400, body: { error: { code: 'AF20051' } } };
    own.fetched.push(id);
    return { body: blob.records };
  };
  return own;
}

function list(
  own: OfficeStandIn,
  base: string,
  feed: string,
  url: URL,
  type: string,
  each: number,
): Given {
  if (!own.enabled.has(type)) return { status: 400, body: { error: { code: 'AF20022' } } };
  const [start, end] = [url.searchParams.get('startTime'), url.searchParams.get('endTime')];
  const spanMs = Date.parse(zoned(end ?? '')) - Date.parse(zoned(start ?? ''));
  if (!(spanMs <= 24 * 3_600_000 + 1000))
    return { status: 400, body: { error: { code: 'AF20030' } } };
  const timed = own.blobs
    .filter(({ contentType }) => contentType === type)
    .map((blob) => ({ blob, record: {}, timeMs: blob.createdMs }));
  const found = between(timed, start, end) as typeof timed;
  const token = url.searchParams.get('nextPage');
  const place = token === null ? 0 : own.pages.placeOf(token);
  if (place === undefined) return { status: 400, body: { error: { code: 'AF20031' } } };
  const next = new URL(url);
  const more = place + each < found.length;
  if (more) next.searchParams.set('nextPage', own.pages.make(place + each));
  return {
    headers: more ? { NextPageUri: `${base}${feed}/subscriptions/content${next.search}` } : {},
    body: found.slice(place, place + each).map(({ blob }) => ({
      ...{ contentType: type, contentId: blob.id, contentUri: `${base}/audit/${blob.id}` },
      contentCreated: new Date(blob.createdMs).toISOString(),
    })),
  };
}

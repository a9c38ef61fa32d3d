// Okta System Log: what is long ago in bounded windows, then polling. A polling request has a next page
// also when there is nothing new, and hands records on in the order in which they were stored, so that
// nothing comes late.

import { isCodedError } from '@countersign/vocabulary';
import type { Service, ServicePage } from './ask-page.ts';
import type { Checkpoint, PullPage } from './checkpoint.ts';
import { pullError } from './pull-error.ts';
import type { Feed } from './pull-windows.ts';

const LIMIT = '1000';
const MOST_PAGES = 500;

/** With an end: its last page has no next one. */
export function oktaBounded(base: string): Feed {
  return {
    start: ({ fromMs, toMs }) => address(base, { fromMs, toMs }),
    async *read(page) {
      yield { records: recordsIn(page) };
      return nextLink(page);
    },
  };
}

/** Without an end: until a page is empty; the next turn goes on from its link. */
export async function* pollOkta(
  service: Service,
  overlapMs: number,
  given: Checkpoint,
  startedMs: number,
): AsyncGenerator<PullPage, Checkpoint> {
  let at = given;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const fromMs = Math.max((at.watermarkMs ?? startedMs) - overlapMs, 0);
    const page = await askOrForget(service, at.poll ?? address(service.base, { fromMs }), at);
    if (page === undefined) {
      const { poll: _, ...rest } = at;
      at = rest;
      yield { texts: [], checkpoint: at };
      continue;
    }
    const records = recordsIn(page);
    const poll = nextLink(page);
    if (poll === undefined) throw pullError('source_broken', 'Okta named no next page to poll.');
    if (poll === at.poll && records.length > 0) {
      throw pullError('source_broken', 'Okta hands on the same page again and again.');
    }
    const caughtUp = records.length === 0;
    at = { ...at, poll, watermarkMs: caughtUp ? startedMs : (at.watermarkMs ?? startedMs) };
    yield { texts: records.map((record) => JSON.stringify(record)), checkpoint: at };
    if (caughtUp) return at;
  }
  return at;
}

/** Undefined when a stored link is gone: polling begins again before the watermark. */
async function askOrForget(
  service: Service,
  url: string,
  at: Checkpoint,
): Promise<ServicePage | undefined> {
  try {
    return await service.ask(url);
  } catch (error) {
    const gone = isCodedError(error) && error.code === 'page_gone';
    if (gone && at.poll !== undefined) return undefined;
    throw error;
  }
}

function address(base: string, { fromMs, toMs }: { fromMs: number; toMs?: number }): string {
  const query = new URLSearchParams({
    since: new Date(fromMs).toISOString(),
    ...(toMs === undefined ? {} : { until: new Date(toMs).toISOString() }),
    sortOrder: 'ASCENDING',
    limit: LIMIT,
  });
  return `${base}/api/v1/logs?${query}`;
}

function recordsIn({ body }: ServicePage): unknown[] {
  if (Array.isArray(body)) return body;
  throw pullError('source_broken', 'Okta answered without a list.');
}

/** `<https://…>; rel="next"`, among others. */
export function nextLink({ headers }: ServicePage): string | undefined {
  const { link } = headers;
  const text = Array.isArray(link) ? link.join(', ') : link;
  if (text === undefined) return undefined;
  for (const [, url, parameters = ''] of text.matchAll(/<([^<>]{1,8192})>([^<]*)/g)) {
    if (/;\s*rel="?next"?\s*(;|,|$)/i.test(parameters.trim())) return url;
  }
  return undefined;
}

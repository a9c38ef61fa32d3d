// Office 365 Management Activity API: feeds that are subscribed to, lists of blobs of at most 24 hours
// and seven days back, whose next page is in a header, and blobs that each hold many records.

import { isCodedError } from '@countersign/vocabulary';
import { errorCodeIn, type Service, type ServicePage } from './ask-page.ts';
import type { Checkpoint, PullGap, PullPage } from './checkpoint.ts';
import { pullError } from './pull-error.ts';
import type { Feed, PageReading } from './pull-windows.ts';

/** A day, less the seconds that rounding may add. */
export const OFFICE_LONGEST_MS = 24 * 3_600_000 - 5000;
/** Seven days, less what a turn may take. */
export const OFFICE_KEPT_MS = 7 * 24 * 3_600_000 - 600_000;

/** Blobs that were fetched, so that an overlap does not fetch them again; the oldest are forgotten. */
const MOST_SEEN = 10_000;

export class SeenBlobs {
  readonly #ids: Set<string>;

  constructor(ids: readonly string[] = []) {
    this.#ids = new Set(ids);
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > MOST_SEEN && oldest !== undefined) this.#ids.delete(oldest);
  }

  get list(): string[] {
    return [...this.#ids];
  }
}

/** Switches on what is not on. A feed that was on before and is off now had a gap. */
export async function* subscribe(
  service: Service,
  tenant: string,
  feeds: readonly string[],
  at: Checkpoint,
): AsyncGenerator<PullPage, Checkpoint> {
  const path = `${service.base}/api/v1.0/${encodeURIComponent(tenant)}/activity/feed/subscriptions`;
  const { body } = await service.ask(`${path}/list`);
  if (!Array.isArray(body)) throw pullError('source_broken', 'No list of subscriptions came.');
  const on = new Set(
    body.filter((one) => one?.status === 'enabled').map((one) => String(one?.contentType)),
  );
  const off = feeds.filter((feed) => !on.has(feed));
  for (const feed of off) {
    await service.ask(`${path}/start?contentType=${encodeURIComponent(feed)}`, {
      method: 'POST',
      // Somebody was quicker: it is on.
      alsoTakes: (_, answer) => errorCodeIn(answer) === 'AF20024',
    });
  }
  const stopped = off.filter((feed) => at.subscribed?.includes(feed));
  const gaps: PullGap[] = stopped.map(() => ({ reason: 'source_disabled', count: 1 }));
  const after: Checkpoint = { ...at, subscribed: [...feeds] };
  if (gaps.length > 0) yield { texts: [], checkpoint: after, gaps };
  return after;
}

export function officeFeed(
  service: Service,
  tenant: string,
  contentType: string,
  seen: SeenBlobs,
): Feed {
  const path = `${service.base}/api/v1.0/${encodeURIComponent(tenant)}/activity/feed/subscriptions/content`;
  return {
    start: ({ fromMs, toMs }) =>
      `${path}?${new URLSearchParams({
        contentType,
        startTime: inSeconds(Math.floor(fromMs / 1000)),
        endTime: inSeconds(Math.ceil(toMs / 1000)),
      })}`,
    read: (page) => readListing(service, page, seen),
  };
}

async function* readListing(service: Service, page: ServicePage, seen: SeenBlobs): PageReading {
  if (!Array.isArray(page.body)) throw pullError('source_broken', 'No list of blobs came.');
  for (const blob of page.body as (Record<string, unknown> | null)[]) {
    const { contentUri: uri, contentId: id } = blob ?? {};
    if (typeof uri !== 'string' || typeof id !== 'string' || id.length > 512) {
      throw pullError('source_broken', 'A blob has no address.');
    }
    if (seen.has(id)) continue;
    yield await readBlob(service, uri);
    seen.add(id);
  }
  const next = page.headers['nextpageuri'];
  return typeof next === 'string' ? next : undefined;
}

async function readBlob(
  service: Service,
  uri: string,
): Promise<{ records: unknown[]; gaps?: PullGap[] }> {
  try {
    const { body } = await service.ask(uri);
    if (Array.isArray(body)) return { records: body };
    throw pullError('source_broken', 'A blob holds no list.');
  } catch (error) {
    // It expired between the list and now: lost, and said so.
    if (isCodedError(error) && error.code === 'page_gone') {
      return { records: [], gaps: [{ reason: 'dropped', count: 1 }] };
    }
    throw error;
  }
}

/** The API takes no fractions and no zone: UTC. */
function inSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

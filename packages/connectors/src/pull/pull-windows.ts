// Services that are asked by time: windows from the watermark on, page by page, feed by feed. Each turn
// begins a little before the watermark; once an hour the whole overlap is read again, for what turns up
// late. A window is done when all its pages were recorded, and only then the watermark moves.

import { isCodedError } from '@countersign/vocabulary';
import type { Service, ServicePage } from './ask-page.ts';
import type { Checkpoint, PullGap, PullPage, PullWindow } from './checkpoint.ts';
import { pullError } from './pull-error.ts';

/** What a page held: records as they come, then, at its end, where the next page is. */
export type PageReading = AsyncGenerator<
  { records: unknown[]; gaps?: PullGap[] },
  string | undefined
>;

export interface Feed {
  /** Address of a window's first page. */
  start(window: PullWindow): string;
  read(page: ServicePage, window: PullWindow): PageReading;
}

export interface WindowPlan {
  backfillMs: number;
  overlapMs: number;
  /** Longest window: a service may refuse more, and a long one is not done before it is done. */
  longestMs: number;
  /** Older than this the service keeps nothing. */
  keptMs?: number;
}

const SHORT_OVERLAP_MS = 600_000;
const DEEP_EVERY_MS = 3_600_000;
/** Of one turn; the next goes on where it ended. */
const MOST_PAGES = 500;
const MOST_RESTARTS = 3;

export async function* pullWindows(
  service: Service,
  feeds: readonly Feed[],
  plan: WindowPlan,
  given: Checkpoint,
  startedMs: number,
): AsyncGenerator<PullPage, Checkpoint> {
  let at = given;
  // From now on: without a mark, "now" would be another moment in each turn.
  if (at.watermarkMs === undefined && at.window === undefined && plan.backfillMs === 0) {
    at = { ...at, watermarkMs: startedMs };
    yield { texts: [], checkpoint: at };
  }
  const addresses = new Set<string>();
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const { window, gaps } = planWindow(at, plan, startedMs);
    if (window === undefined) return at;
    const feed = feeds[window.feed];
    // Fewer feeds than when the window was begun: it is done.
    if (feed === undefined) {
      at = finish(at, window);
      continue;
    }
    const address = window.next ?? feed.start(window);
    if (addresses.has(address)) throw pullError('source_broken', 'The service goes in circles.');
    addresses.add(address);
    const page = await askOrRestart(service, address, window);
    if (page === undefined) {
      const { next: _, ...whole } = window;
      at = { ...at, window: { ...whole, restarts: window.restarts + 1 } };
      addresses.clear();
      yield { texts: [], checkpoint: at };
      continue;
    }
    at = { ...at, window };
    if (gaps.length > 0) yield { texts: [], checkpoint: at, gaps };
    const reading = feed.read(page, window);
    let step = await reading.next();
    for (; !step.done; step = await reading.next()) {
      const { records, gaps: lost } = step.value;
      const texts = records.map((record) => JSON.stringify(record));
      yield { texts, checkpoint: at, ...(lost === undefined ? {} : { gaps: lost }) };
    }
    at = advance(at, window, step.value, feeds.length);
    yield { texts: [], checkpoint: at };
  }
  return at;
}

/** Undefined when the page that a stored link names is gone: the window is begun again. */
async function askOrRestart(
  service: Service,
  address: string,
  window: PullWindow,
): Promise<ServicePage | undefined> {
  try {
    return await service.ask(address);
  } catch (error) {
    const gone = isCodedError(error) && error.code === 'page_gone';
    if (gone && window.next !== undefined && window.restarts < MOST_RESTARTS) return undefined;
    throw error;
  }
}

function planWindow(
  at: Checkpoint,
  plan: WindowPlan,
  startedMs: number,
): { window: PullWindow | undefined; gaps: PullGap[] } {
  if (at.window !== undefined) return { window: at.window, gaps: [] };
  const first = at.watermarkMs === undefined;
  const watermarkMs = at.watermarkMs ?? startedMs - plan.backfillMs;
  // A clock that went back: what is there is read again when it comes to it.
  if (watermarkMs >= startedMs) return { window: undefined, gaps: [] };
  const deep = first || startedMs - (at.deepMs ?? 0) >= DEEP_EVERY_MS;
  const overlapMs = first ? 0 : deep ? plan.overlapMs : Math.min(SHORT_OVERLAP_MS, plan.overlapMs);
  const keptFromMs = plan.keptMs === undefined ? 0 : startedMs - plan.keptMs;
  const fromMs = Math.max(watermarkMs - overlapMs, keptFromMs, 0);
  const toMs = Math.min(Math.max(watermarkMs, fromMs) + plan.longestMs, startedMs);
  // What the service kept no longer when we came: nobody can bring it back.
  const gaps: PullGap[] =
    !first && watermarkMs < keptFromMs
      ? [{ reason: 'dropped', count: 1, firstMs: watermarkMs, lastMs: keptFromMs }]
      : [];
  return { window: { fromMs, toMs, deep, feed: 0, restarts: 0 }, gaps };
}

function advance(
  at: Checkpoint,
  window: PullWindow,
  next: string | undefined,
  feeds: number,
): Checkpoint {
  if (next !== undefined) return { ...at, window: { ...window, next } };
  const { next: _, ...rest } = window;
  if (window.feed + 1 < feeds) return { ...at, window: { ...rest, feed: window.feed + 1 } };
  return finish(at, window);
}

function finish(at: Checkpoint, window: PullWindow): Checkpoint {
  const { window: _, ...rest } = at;
  return {
    ...rest,
    watermarkMs: Math.max(at.watermarkMs ?? 0, window.toMs),
    // The moment its end was planned for: what turned up since is for the next one.
    ...(window.deep ? { deepMs: window.toMs } : {}),
  };
}

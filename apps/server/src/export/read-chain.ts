// The events of a tenant in the order of their numbers, page by page: the next page is on its way while
// this one is written, and no more than these two are held.

import type { ArchiveClient, ChainedEvent } from '@countersign/archive';

/** Events asked for at a time; the archive gives fewer when they are long. */
const PAGE_EVENTS = 1000;

export interface ChainRange {
  tenant: string;
  /** Both included. */
  from: number;
  to: number;
}

export type ChainStep = { event: ChainedEvent } | { gone: number };

/** `gone`: how many numbers hold nothing any more, because their time was over. */
export async function* readChain(
  archive: Pick<ArchiveClient, 'readRange'>,
  { tenant, from, to }: ChainRange,
): AsyncGenerator<ChainStep> {
  const ask = (first: number): Promise<ChainedEvent[]> => {
    const page = archive.readRange({
      tenant,
      from: first,
      limit: Math.min(PAGE_EVENTS, to - first + 1),
    });
    // Whoever stops in between does not wait for it.
    page.catch(() => undefined);
    return page;
  };
  let next = from;
  let coming = next <= to ? ask(next) : undefined;
  while (coming !== undefined) {
    const page: ChainedEvent[] = await coming;
    const asked = next;
    const reached = page.at(-1)?.number ?? Math.min(to, asked + PAGE_EVENTS - 1);
    next = reached + 1;
    coming = next <= to ? ask(next) : undefined;
    let expected = asked;
    for (const event of page) {
      if (event.number > expected) yield { gone: event.number - expected };
      yield { event };
      expected = event.number + 1;
    }
    if (expected <= reached) yield { gone: reached - expected + 1 };
  }
}

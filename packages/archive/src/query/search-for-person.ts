// A person's own events, without what is not theirs to know. The filter is held against what is shown, not
// against what is stored: otherwise one could ask for what is left out, one comparison at a time.

import { matchesEvent } from '@countersign/search';
import { extractColumns } from '../columns.ts';
import { redactForPerson } from './redact-for-person.ts';
import { type Asked, type Collected, collect } from './run-search.ts';
import type { FoundEvent } from './search-request.ts';

const EACH = 500;

export async function searchForPerson(asked: Asked): Promise<Collected> {
  const { request, filter } = asked;
  const everything = { kind: 'and' as const, parts: [] };
  const shown: FoundEvent[] = [];
  let { cursor } = asked;
  for (;;) {
    const all = { ...asked, cursor, filter: everything, request: { ...request, limit: EACH } };
    const found = await collect(all);
    const page = found.events.slice(0, EACH);
    shown.push(...page.map(redactForPerson).filter((event) => matches(event, asked)));
    const last = page.at(-1);
    const ended = found.events.length <= EACH || last === undefined;
    if (ended || shown.length > request.limit) {
      return { ...found, events: shown.slice(0, request.limit + 1) };
    }
    const { throughSequence } = found;
    const after = { timeMs: last.timeMs, sequence: last.sequence };
    cursor = { after, throughSequence, nowMs: asked.nowMs };
  }
  function matches({ ocsf, ...event }: FoundEvent, { nowMs: _ }: Asked): boolean {
    if (ocsf === undefined) return filter.kind === 'and' && filter.parts.length === 0;
    const parsed: unknown = JSON.parse(ocsf);
    const { tenant, number, sequence, uid, timeMs, name } = event;
    const own = { tenant, number, sequence, uid, time_ms: timeMs, name, source: null };
    const columns = { ...extractColumns(parsed), ...own };
    return matchesEvent(filter, { columns, ocsf: parsed, text: ocsf });
  }
}

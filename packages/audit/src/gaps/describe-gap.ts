// A gap in one sentence, for whoever reads the record or a verdict on it: which source, how much of
// it is concerned, and where to look.

import type { GapRow } from './gap-tables.ts';

type ToldGap = Pick<GapRow, 'source_kind' | 'source_id' | 'source_name' | 'reason' | 'count'>;

/** What happened to them, and what to look at. By reason; one that is not known says only what is. */
const WORDS: Readonly<Record<string, readonly [what: string, look: string]>> = {
  throttled: [
    'put off, or not kept because too much waited',
    'Look for the same again later; what is not there was not kept.',
  ],
  dropped: ['lost for good', 'Ask the source itself for what it did in this time.'],
  late: [
    'recorded long after it happened',
    'Search this time again: whoever read before did not see it.',
  ],
  clock_skew: [
    'dated by a clock that is wrong',
    'Compare time with metadata.logged_time, and set the clock of the source.',
  ],
  source_disabled: ['not sent: the source is switched off', 'Switch it on where it is kept.'],
  importer_behind: [
    'not here yet: reading of the source is behind',
    'See countersign audit sources list.',
  ],
  unmapped: [
    'kept as it came, but of a shape nobody knows, so searches by meaning do not find it',
    'The raw text is in raw_data: search for words in it.',
  ],
  unreadable: [
    'not kept, because it could not be read',
    'The import named file and line; countersign audit import --dry-run does again.',
  ],
  delivery_behind: ['recorded here, and not sent on yet', 'See countersign audit sinks list.'],
  left_out: [
    'left out: not for this source to tell',
    'Give each tenant’s verifiers a credential of that tenant.',
  ],
};

/** Nothing here is longer than a sentence or two: the name of the source is bounded when it is noted. */
export function describeGapInWords(gap: ToldGap): string {
  const { source_kind: kind, source_id: id, source_name: name, reason, count } = gap;
  const source = name === null || name === id ? `${kind} ${id}` : `${kind} ${id} (${name})`;
  const [what, look] = WORDS[reason] ?? ['not, or not yet, in the record', ''];
  return `${amount(count)} of ${source}: ${what}. ${look}`.trim();
}

function amount(count: number): string {
  if (count <= 0) return 'An unknown number of records';
  return count === 1 ? '1 record' : `${count} records`;
}

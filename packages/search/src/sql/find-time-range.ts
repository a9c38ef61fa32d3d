// When events that match can have happened: files of other times need not be opened.

import type { Filter } from '../language/filter-tree.ts';

/** Both ends belong to it; nothing matches where `toMs` is before `fromMs`. */
export interface TimeRange {
  fromMs: number;
  toMs: number;
}

const ALWAYS: TimeRange = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

export function findTimeRange(filter: Filter): TimeRange {
  switch (filter.kind) {
    case 'and':
      return filter.parts.map(findTimeRange).reduce(
        (all, part) => ({
          fromMs: Math.max(all.fromMs, part.fromMs),
          toMs: Math.min(all.toMs, part.toMs),
        }),
        ALWAYS,
      );
    case 'or': {
      const parts = filter.parts.map(findTimeRange).filter(({ fromMs, toMs }) => fromMs <= toMs);
      return {
        fromMs: Math.min(...parts.map(({ fromMs }) => fromMs)),
        toMs: Math.max(...parts.map(({ toMs }) => toMs)),
      };
    }
    case 'compare':
    case 'range':
      return isTime(filter) ? rangeOf(filter) : ALWAYS;
    default:
      return ALWAYS;
  }
}

function isTime({ place }: Filter & { kind: 'compare' | 'range' }): boolean {
  return 'field' in place && place.field.column === 'time_ms';
}

function rangeOf(filter: Filter & { kind: 'compare' | 'range' }): TimeRange {
  if (filter.kind === 'range') return { fromMs: filter.from, toMs: filter.to };
  const { operator, value } = filter;
  return operator.startsWith('<') ? { ...ALWAYS, toMs: value } : { ...ALWAYS, fromMs: value };
}

// Where a page ended. A cursor says only that: whose events are shown follows from who asks, so that a
// cursor of somebody else opens nothing. It holds on to what there was and to what time it was when the
// first page was made, so that pages do not shift while events arrive.

import { createHash } from 'node:crypto';
import { archiveError } from '../archive-error.ts';
import type { SearchRequest } from './search-request.ts';

export interface PlaceInOrder {
  timeMs: number;
  sequence: number;
}

export interface Cursor {
  /** The last event that was shown. */
  after: PlaceInOrder;
  throughSequence: number;
  /** What `-24h` counts from. */
  nowMs: number;
}

type Asked = Pick<SearchRequest, 'filter' | 'order' | 'scope'>;

export function writeCursor({ after, throughSequence, nowMs }: Cursor, asked: Asked): string {
  const numbers = [after.timeMs, after.sequence, throughSequence, nowMs];
  return [...numbers.map((number) => number.toString(36)), digest(asked)].join('.');
}

/** @throws CodedError `cursor_malformed` */
export function readCursor(text: string, asked: Asked): Cursor {
  const [, ...parts] =
    /^([0-9a-z]+)\.([0-9a-z]+)\.([0-9a-z]+)\.([0-9a-z]+)\.(.+)$/.exec(text) ?? [];
  const [timeMs = -1, sequence = -1, throughSequence = -1, nowMs = -1] = parts
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 36));
  const whole = [timeMs, sequence, throughSequence, nowMs].every(
    (number) => Number.isSafeInteger(number) && number >= 0,
  );
  if (!whole || parts[4] !== digest(asked)) {
    const message = 'The cursor is none of this question: filter and order must stay the same.';
    throw archiveError('cursor_malformed', message);
  }
  return { after: { timeMs, sequence }, throughSequence, nowMs };
}

function digest({ filter, order, scope }: Asked): string {
  const { tenant, person } = scope;
  const text = JSON.stringify([filter, order, tenant, person?.subject, person?.realm]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

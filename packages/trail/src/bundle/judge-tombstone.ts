// A tombstone is the word of whoever wrote the bundle, but not any word: when its segment was sealed, and
// when the anchor was made, is in the log. What is called deleted without its time being over was withheld.

import type { Tombstone } from '../segment/manifest.ts';
import type { BundleProblem } from './verdict.ts';

const DAY_MS = 86_400_000;
/** No retention profile is shorter than six months. */
const LEAST_KEPT_MS = 180 * DAY_MS;
/** A log that is away keeps anchors from it, and what is deleted meanwhile is newer than the newest. */
const LONGEST_AWAY_MS = 31 * DAY_MS;

/**
 * @param anchoredMs time of the bundle's anchor; undefined where it cannot be read
 * @returns undefined for a segment whose time can be over
 */
export function judgeTombstone(
  { segment, first, last, sealedMs, deletedMs }: Tombstone,
  anchoredMs: number | undefined,
): BundleProblem | undefined {
  const early = deletedMs < sealedMs + LEAST_KEPT_MS;
  const later = anchoredMs !== undefined && deletedMs > anchoredMs + LONGEST_AWAY_MS;
  if (!early && !later) return undefined;
  const message = early
    ? 'A segment is called deleted before anything may be: six months after it was sealed.'
    : 'A segment is called deleted long after the anchor, which says nothing of that time.';
  const numbers = { first, last, segment };
  return { fault: 'missing', alteration: 'dropped', level: 'manifest', ...numbers, message };
}

// What is missing from the record, or came late, as those who notice it say it.

export const GAP_REASONS = [
  /** The record took no more for a while; what was refused may have been sent again. */
  'throttled',
  /** Lost for good, by the source or on the way. */
  'dropped',
  /** Taken in long after it happened: whoever read in between did not see it. */
  'late',
  /** The clock of the source is wrong, so are the times it reports. */
  'clock_skew',
  'source_disabled',
  'importer_behind',
  /** Kept, but of a shape nobody knows: searches by meaning do not find it. */
  'unmapped',
  /** Not kept, because it could not be read. */
  'unreadable',
  /** A sink has not taken what it should have. */
  'delivery_behind',
  /** Told by a source that may not speak about it, so left out. */
  'left_out',
] as const;

export type GapReason = (typeof GAP_REASONS)[number];

/** A noticed gap: many of one source and reason become one event. */
export interface Gap {
  /** Whose record it is missing from; absent for that of the installation. */
  tenant?: string;
  /** Kind: verifier, source, sink, store. The id is one of ours, so that their number is bounded. */
  source: { kind: string; id: string; name?: string };
  reason: GapReason;
  /** Records, where it is known; 0 where it is not. */
  count: number;
  /** First and last moment that is concerned, by the clock of the source. Default: now. */
  firstMs?: number;
  lastMs?: number;
  /** How late, or how wrong the clock, at most. */
  mostMs?: number;
}

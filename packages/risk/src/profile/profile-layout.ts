// The bytes of a profile, in memory as on disk, little-endian: a header, two weights per attribute, then
// the slots of each attribute one after the other.

import { ATTRIBUTES } from '../input/attributes.ts';

export const PROFILE_VERSION = 1;
/** Values kept per attribute; of a further one, the lightest makes room. */
export const MAX_SLOTS = 16;
export const ATTRIBUTE_COUNT = ATTRIBUTES.length;

export const AT = {
  version: 0, // u8
  attributes: 1, // u8
  depth: 4, // u32: acts taught, never decayed
  first: 8, // u32 seconds
  last: 12, // u32 seconds
  total: 16, // f32: decayed number of acts
  failures: 20, // f32: decayed number of failures
  lastFailure: 24, // u32 seconds
  epoch: 28, // u32 seconds: where forward decay starts
  day: 32, // f32 × 2: sum of cosines and of sines of the hour of day
  week: 40, // f32 × 2: the same of the hour of week
  slotCounts: 48, // u8 per attribute, room for 16
  weights: 64, // f32 × 2 per attribute: known, distinct
  slots: 64 + 8 * ATTRIBUTE_COUNT,
} as const;

/** value f64, weight f32, last u32. */
export const SLOT_BYTES = 16;
/** 2,000 hostile acts do not make a profile longer than this. */
export const MAX_PROFILE_BYTES = AT.slots + ATTRIBUTE_COUNT * MAX_SLOTS * SLOT_BYTES;

// Makes the manifest of a segment out of its leaves, which come in the order of their numbers.

import { encodeHex, RootAccumulator } from '@countersign/verifier';
import { nextHead } from '../leaf/chain.ts';
import { trailError } from '../trail-error.ts';
import type { SegmentManifest } from './manifest.ts';

export interface SegmentPlace {
  instance: string;
  tenant: string;
  /** Number of the segment, from 1. */
  segment: number;
  /** Number of its first event. */
  first: number;
  /** Head of the chain before that, 32 bytes. */
  headBefore: Uint8Array;
}

export interface SegmentSeal {
  /** @param timeMs the event's own time, in milliseconds since the Unix epoch */
  add(leaf: Uint8Array, timeMs: number): void;
  readonly count: number;
  /** @throws CodedError `trail_inconsistent` for a segment without events */
  seal(sealedMs: number): SegmentManifest;
}

export function startSegment(place: SegmentPlace): SegmentSeal {
  const { instance, tenant, segment, first, headBefore } = place;
  const root = new RootAccumulator();
  let head = headBefore;
  let firstMs = Number.MAX_SAFE_INTEGER;
  let lastMs = 0;
  return {
    add(leaf, timeMs) {
      root.add(leaf);
      head = nextHead(head, leaf);
      firstMs = Math.min(firstMs, timeMs);
      lastMs = Math.max(lastMs, timeMs);
    },
    get count() {
      return root.size;
    },
    seal(sealedMs) {
      if (root.size === 0) {
        throw trailError('trail_inconsistent', 'A segment holds at least one event.');
      }
      return {
        ...{ v: 1, instance, tenant, segment, first, last: first + root.size - 1 },
        ...{ root: encodeHex(root.root()), headBefore: encodeHex(headBefore) },
        ...{ headAfter: encodeHex(head), firstMs, lastMs, sealedMs },
      };
    },
  };
}

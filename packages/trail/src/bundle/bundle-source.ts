// What an evidence bundle is written from, in the order of the numbers.

import type { AnchorProof } from '../anchor/anchor-proof.ts';
import type { SegmentManifest, Tombstone } from '../segment/manifest.ts';

/** One event of the chain: with its text, or only as a leaf. */
export interface BundleEvent {
  number: number;
  /** 32 bytes. */
  leaf: Uint8Array;
  /** Absent with the text. */
  salt?: Uint8Array | undefined;
  /** The stored text, exactly. Absent: the event was erased, or is not for this reader. */
  ocsf?: string | undefined;
  erased?: boolean | undefined;
}

/** A sealed segment, a deleted one, or what came after the last seal. */
export type BundleSection =
  /** Without `events` the whole segment is withheld. */
  | { kind: 'segment'; manifest: SegmentManifest; events?: AsyncIterable<BundleEvent> | undefined }
  | { kind: 'tombstone'; tombstone: Tombstone }
  | { kind: 'tail'; first: number; last: number; events: AsyncIterable<BundleEvent> };

export interface BundleSource {
  instance: string;
  tenant: string;
  anchor: AnchorProof;
  /**
   * Segments 1 to `anchor.entry.segments`, then the tail up to `anchor.entry.count`, which is left out
   * when it is empty.
   */
  sections: AsyncIterable<BundleSection>;
  /** Lines for a person: who asked, for what. Nothing vouches for them. */
  remarks?: readonly string[] | undefined;
}

// Puts an evidence bundle together from the archive, as of an anchor: segments, tombstones, and what
// came after the last seal. Nothing is held in memory but a page of events.

import {
  type AnchoringParts,
  type ArchiveClient,
  type ChainedEvent,
  isTombstone,
  readManifests,
} from '@countersign/archive';
import type {
  AnchorProof,
  BundleEvent,
  BundleSection,
  BundleSource,
  SegmentManifest,
} from '@countersign/trail';
import { openTurns } from '../reading/work-turns.ts';

export interface BundleRequest {
  tenant: string;
  /** Of this tenant; the bundle reaches as far as it does. */
  anchor: AnchorProof;
  /** Which events are shown with their text; the others stay as leaves. Default: all. */
  shows?: ((event: ChainedEvent) => boolean) | undefined;
  /** Segments without an event in this time (milliseconds, both included) are closed as a whole. */
  within?: { fromMs: number; toMs: number } | undefined;
  /** Lines for a person. */
  remarks?: readonly string[] | undefined;
}

export interface BundleParts {
  read: AnchoringParts['store']['read'];
  archive: Pick<ArchiveClient, 'readRange'>;
  /** Name of the installation. */
  instance: string;
}

const EVENTS_AT_ONCE = 2_000;

export function assembleBundle(parts: BundleParts, request: BundleRequest): BundleSource {
  const { tenant, anchor, remarks } = request;
  const sections = readSections(parts, request);
  return { instance: parts.instance, tenant, anchor, sections, remarks };
}

async function* readSections(
  parts: BundleParts,
  request: BundleRequest,
): AsyncGenerator<BundleSection> {
  const { tenant, anchor, within } = request;
  const { count, segments } = anchor.entry;
  const range = { instance: parts.instance, tenant, after: 0, through: segments };
  let next = 1;
  for await (const manifest of readManifests(parts.read, range)) {
    next = manifest.last + 1;
    if (isTombstone(manifest)) yield { kind: 'tombstone', tombstone: manifest };
    else if (isOutside(manifest, within)) yield { kind: 'segment', manifest };
    else {
      const events = readEvents(parts, request, manifest.first, manifest.last);
      yield { kind: 'segment', manifest, events };
    }
  }
  if (next <= count) {
    yield {
      kind: 'tail',
      first: next,
      last: count,
      events: readEvents(parts, request, next, count),
    };
  }
}

function isOutside({ firstMs, lastMs }: SegmentManifest, within: BundleRequest['within']): boolean {
  return within !== undefined && (lastMs < within.fromMs || firstMs > within.toMs);
}

async function* readEvents(
  { archive }: BundleParts,
  { tenant, shows }: BundleRequest,
  first: number,
  last: number,
): AsyncGenerator<BundleEvent> {
  const rest = openTurns();
  for (let from = first; from <= last; ) {
    const limit = Math.min(EVENTS_AT_ONCE, last - from + 1);
    const events = await archive.readRange({ tenant, from, limit });
    // The writer says at which number it stops to fit together.
    if (events.length === 0) return;
    for (const event of events) {
      await rest();
      yield bundleEvent(event, shows);
    }
    from += events.length;
  }
}

function bundleEvent(event: ChainedEvent, shows: BundleRequest['shows']): BundleEvent {
  const { number, erased, salt, ocsf } = event;
  const leaf = Buffer.from(event.leaf, 'hex');
  if (erased === true) return { number, leaf, erased };
  if (salt === undefined || ocsf === undefined || shows?.(event) === false) return { number, leaf };
  return { number, leaf, salt: Buffer.from(salt, 'hex'), ocsf };
}

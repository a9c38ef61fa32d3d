// Writes an evidence bundle as a stream of texts, in constant memory. Order and numbers are checked on
// the way; whether the events are those that were sealed is for the reader to say, even against us.

import { Buffer } from 'node:buffer';
import { encodeBase64, encodeBase64url } from '@countersign/verifier';
import { formatAnchorProof } from '../anchor/anchor-proof.ts';
import { formatManifest, formatTombstone } from '../segment/manifest.ts';
import { trailError } from '../trail-error.ts';
import { BUNDLE_TITLE, INSTRUCTIONS, LEAVES_A_LINE, TEXT_BYTES_A_BLOCK } from './bundle-lines.ts';
import type { BundleEvent, BundleSection, BundleSource } from './bundle-source.ts';

/** @throws CodedError `trail_malformed`, `trail_inconsistent`; and whatever the source throws */
export async function* writeBundle(source: BundleSource): AsyncGenerator<string> {
  const { instance, tenant, anchor, remarks = [] } = source;
  yield `${[BUNDLE_TITLE, ...[...INSTRUCTIONS, ...remarks].map(remark)].join('\n')}\n`;
  yield `trail ${JSON.stringify({ instance, tenant, v: 1 })}\nanchor ${formatAnchorProof(anchor)}\n`;
  const place = { next: 1, events: 0 };
  for await (const section of source.sections) yield* writeSection(section, place);
  yield `end ${place.events}\n`;
}

interface Place {
  /** Number of the next event. */
  next: number;
  /** Events written with their text. */
  events: number;
}

async function* writeSection(section: BundleSection, place: Place): AsyncGenerator<string> {
  const { first, last } = boundsOf(section);
  if (first !== place.next || last < first) throw inconsistent(place.next);
  if (section.kind === 'tombstone') yield `tombstone ${formatTombstone(section.tombstone)}\n`;
  else if (section.kind === 'segment') yield `segment ${formatManifest(section.manifest)}\n`;
  else yield `tail ${first} ${last}\n`;
  if (section.kind !== 'tombstone' && section.events !== undefined) {
    yield* writeEvents(section.events, last, place);
  }
  place.next = last + 1;
}

function boundsOf(section: BundleSection): { first: number; last: number } {
  if (section.kind === 'tail') return section;
  return section.kind === 'segment' ? section.manifest : section.tombstone;
}

async function* writeEvents(
  events: AsyncIterable<BundleEvent>,
  last: number,
  place: Place,
): AsyncGenerator<string> {
  let block: BundleEvent[] = [];
  let bytes = 0;
  for await (const event of events) {
    if (event.number !== place.next || event.number > last) throw inconsistent(place.next);
    place.next += 1;
    block.push(event);
    bytes += event.ocsf?.length ?? 0;
    if (block.length < LEAVES_A_LINE && bytes < TEXT_BYTES_A_BLOCK) continue;
    yield writeBlock(block, place);
    block = [];
    bytes = 0;
  }
  if (place.next !== last + 1) throw inconsistent(place.next);
  if (block.length > 0) yield writeBlock(block, place);
}

function writeBlock(block: readonly BundleEvent[], place: Place): string {
  const leaves = encodeBase64(Buffer.concat(block.map(({ leaf }) => leaf)));
  const lines = [`leaves ${block[0]?.number ?? 0} ${leaves}`];
  let hidden: { first: number; last: number } | undefined;
  const close = (): void => {
    if (hidden !== undefined) lines.push(`h ${hidden.first} ${hidden.last}`);
    hidden = undefined;
  };
  for (const { number, salt, ocsf, erased } of block) {
    if (ocsf === undefined && erased !== true) {
      hidden = { first: hidden?.first ?? number, last: number };
      continue;
    }
    close();
    if (ocsf === undefined || salt === undefined) lines.push(`x ${number}`);
    else {
      if (ocsf.includes('\n')) throw inconsistent(number);
      lines.push(`e ${number} ${encodeBase64url(salt)} ${ocsf}`);
      place.events += 1;
    }
  }
  close();
  return `${lines.join('\n')}\n`;
}

function remark(text: string): string {
  return `# ${text.replaceAll(/[\r\n]+/g, ' ')}`;
}

function inconsistent(number: number): Error {
  return trailError(
    'trail_inconsistent',
    `What is to be written does not go on at number ${number}.`,
  );
}

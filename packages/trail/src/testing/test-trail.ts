// A trail in memory, for tests: events, sealed segments, anchors in a log with a real key. It stands on
// the room itself, so that what a test takes apart is what the house would have written.

import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { encodeAnchorLeaf, encodeHex, hashInstance, RootAccumulator } from '@countersign/verifier';
import type { AnchorEntry } from '../anchor/anchor-entry.ts';
import type { AnchorProof } from '../anchor/anchor-proof.ts';
import { buildAnchorTree } from '../anchor/anchor-tree.ts';
import type { BundleEvent, BundleSection } from '../bundle/bundle-source.ts';
import { writeBundle } from '../bundle/write-bundle.ts';
import { firstHead, nextHead } from '../leaf/chain.ts';
import { hashEvent } from '../leaf/hash-event.ts';
import { hashManifest, type SegmentManifest, type Tombstone } from '../segment/manifest.ts';
import { startSegment } from '../segment/seal-segment.ts';
import { TestLog } from './test-log.ts';

export const INSTANCE = 'house-1';
export const TENANT = 'acme';
export const START_MS = 1_800_000_000_000;
export const YEAR_MS = 366 * 86_400_000;

export interface TestTrailOptions {
  instance?: string;
  tenant?: string;
  log?: TestLog;
  /** Distinguishes histories: goes into every salt. */
  seed?: string;
}

/** How a bundle is written: who may see what, and what is gone. */
export interface BundleView {
  withhold?: (number: number) => boolean;
  erased?: ReadonlySet<number>;
  /** Segments whose events are not shown at all. */
  closed?: ReadonlySet<number>;
  deleted?: ReadonlySet<number>;
  /** When; default a year after the start. */
  deletedMs?: number;
}

export class TestTrail {
  readonly log: TestLog;
  readonly events: Required<Omit<BundleEvent, 'erased'>>[] = [];
  readonly manifests: SegmentManifest[] = [];
  readonly #instance: string;
  readonly #tenant: string;
  readonly #seed: string;
  #anchors = 0;

  constructor(options: TestTrailOptions = {}) {
    const { instance = INSTANCE, tenant = TENANT, seed = 'one' } = options;
    this.#instance = instance;
    this.#tenant = tenant;
    this.#seed = seed;
    this.log = options.log ?? new TestLog();
  }

  add(count: number, text?: (number: number) => string): this {
    for (let more = 0; more < count; more += 1) {
      const number = this.events.length + 1;
      const salt = digest(`${this.#seed} salt ${number}`).subarray(0, 16);
      const ocsf = text?.(number) ?? `{"message":"event ${number}","time":${START_MS + number}}`;
      this.events.push({ number, salt, ocsf, leaf: hashEvent(salt, ocsf) });
    }
    return this;
  }

  /** Seals what was added since the last seal. */
  seal(): this {
    const first = (this.manifests.at(-1)?.last ?? 0) + 1;
    const segment = startSegment({
      ...{
        instance: this.#instance,
        tenant: this.#tenant,
        segment: this.manifests.length + 1,
        first,
      },
      headBefore: this.headAt(first - 1),
    });
    for (const { leaf, number } of this.events.slice(first - 1))
      segment.add(leaf, START_MS + number);
    this.manifests.push(segment.seal(START_MS + 1_000_000));
    return this;
  }

  headAt(count: number): Uint8Array {
    let head: Uint8Array = firstHead(this.#instance, this.#tenant);
    for (const { leaf } of this.events.slice(0, count)) head = nextHead(head, leaf);
    return head;
  }

  /** Anchors the trail as it is now, between two neighbours. */
  anchor(): AnchorProof {
    this.#anchors += 1;
    return this.anchorAt(this.#anchors);
  }

  /** Under a number of the caller's choice, used or not. */
  anchorAt(anchor: number, atMs = START_MS): AnchorProof {
    const segments = new RootAccumulator();
    for (const manifest of this.manifests) segments.add(hashManifest(manifest));
    const own: AnchorEntry = {
      ...{ v: 1, anchor, tenant: this.#tenant, count: this.events.length },
      head: encodeHex(this.headAt(this.events.length)),
      segments: this.manifests.length,
      segmentsRoot: encodeHex(segments.root()),
      salt: digest(`${this.#seed} anchor ${anchor}`).subarray(0, 16).toString('hex'),
    };
    const tree = buildAnchorTree([own, neighbour('aaron', own), neighbour('zoe', own)]);
    const instanceHash = hashInstance(this.#instance);
    const leaf = encodeAnchorLeaf({ atMs, instanceHash, anchor, root: tree.root });
    const index = this.log.append(leaf);
    const place = tree.prove(this.#tenant);
    if (place === undefined) throw new TypeError('the tenant has an entry');
    return { entry: own, place, leaf, log: this.log.prove(index) };
  }

  async bundle(anchor: AnchorProof, view: BundleView = {}): Promise<string> {
    const source = { instance: this.#instance, tenant: this.#tenant, anchor };
    let text = '';
    const sections = this.sections(anchor, view);
    for await (const part of writeBundle({ ...source, sections })) text += part;
    return text;
  }

  async *sections({ entry }: AnchorProof, view: BundleView): AsyncGenerator<BundleSection> {
    const sealed = this.manifests.slice(0, entry.segments);
    for (const manifest of sealed) {
      const { segment, first, last } = manifest;
      if (view.deleted?.has(segment)) {
        const tombstone: Tombstone = {
          ...manifest,
          deletedMs: view.deletedMs ?? START_MS + YEAR_MS,
          profile: 'csrb',
        };
        yield { kind: 'tombstone', tombstone };
      } else if (view.closed?.has(segment)) yield { kind: 'segment', manifest };
      else yield { kind: 'segment', manifest, events: this.shown(first, last, view) };
    }
    const first = (sealed.at(-1)?.last ?? 0) + 1;
    const last = entry.count;
    if (last >= first) yield { kind: 'tail', first, last, events: this.shown(first, last, view) };
  }

  async *shown(first: number, last: number, view: BundleView): AsyncGenerator<BundleEvent> {
    for (const { number, leaf, salt, ocsf } of this.events.slice(first - 1, last)) {
      if (view.erased?.has(number)) yield { number, leaf, erased: true };
      else if (view.withhold?.(number)) yield { number, leaf };
      else yield { number, leaf, salt, ocsf };
    }
  }
}

function neighbour(tenant: string, { anchor, salt }: AnchorEntry): AnchorEntry {
  const hash = digest(tenant).toString('hex');
  return { v: 1, anchor, tenant, count: 1, head: hash, segments: 0, segmentsRoot: hash, salt };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The bytes of a text in chunks of this size: files are not read line by line. */
export function* inChunks(text: string, size = 1_000): Generator<Uint8Array> {
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

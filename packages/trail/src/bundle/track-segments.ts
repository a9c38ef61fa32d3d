// Where a bundle has got to: numbers and segments so far, the head of the chain, and the tree over the
// manifests. Sections come one after the other and each must go on where the last ended.

import { Buffer } from 'node:buffer';
import { decodeHex, encodeHex, RootAccumulator } from '@countersign/verifier';
import { firstHead } from '../leaf/chain.ts';
import { hashManifest, type SegmentManifest } from '../segment/manifest.ts';
import type { SectionEnd, SectionFrame } from './check-section.ts';
import type { ProblemList } from './list-problems.ts';
import type { Alteration, BundleFault, BundleProblem } from './verdict.ts';
import type { PinWatch } from './watch-pins.ts';

export interface TrailIdentity {
  instance: string;
  tenant: string;
}

export class SegmentTrack {
  count = 0;
  segments = 0;
  head: Uint8Array;
  readonly tree = new RootAccumulator();
  readonly #identity: TrailIdentity;
  readonly #problems: ProblemList;
  readonly #pins: PinWatch;
  readonly #skipped = new Set<number>();
  /** Segments that make neither what their manifest says nor what their events say. */
  readonly #unproven: SectionFrame[] = [];

  constructor(identity: TrailIdentity, problems: ProblemList, pins: PinWatch) {
    this.#identity = identity;
    this.#problems = problems;
    this.#pins = pins;
    this.head = firstHead(identity.instance, identity.tenant);
    pins.head(0, this.head);
  }

  get unproven(): readonly SectionFrame[] {
    return this.#unproven;
  }

  /** @returns the frame to hold the segment's events against */
  open(manifest: SegmentManifest): SectionFrame {
    const { instance, tenant, segment, first, last, root, headAfter } = manifest;
    const headBefore = Buffer.from(manifest.headBefore, 'hex');
    if (instance !== this.#identity.instance || tenant !== this.#identity.tenant) {
      this.#report(manifest, 'invalid', 'foreign', 'A segment is of another trail.');
    }
    if (segment <= this.segments) {
      const late = this.#skipped.delete(segment);
      const message = late ? 'A segment is out of its order.' : 'A segment comes again.';
      this.#report(manifest, 'invalid', late ? 'reordered' : 'replayed', message);
    } else {
      this.#follow(manifest);
    }
    return { first, last, headBefore, segment, root, headAfter };
  }

  close(frame: SectionFrame, end: SectionEnd): void {
    if (end.state === 'unproven') this.#unproven.push(frame);
    if (frame.headAfter !== undefined && frame.last === this.count) {
      this.head = decodeHex(frame.headAfter) ?? this.head;
      this.#pins.head(this.count, this.head);
    }
  }

  #follow(manifest: SegmentManifest): void {
    const { segment, first, last } = manifest;
    const goesOn = segment === this.segments + 1 && first === this.count + 1;
    if (!goesOn && segment > this.segments + 1) {
      for (
        let lost = this.segments + 1;
        lost < Math.min(segment, this.segments + 1_000);
        lost += 1
      ) {
        this.#skipped.add(lost);
      }
      this.#missing(this.count + 1, first - 1);
    } else if (!goesOn || manifest.headBefore !== encodeHex(this.head)) {
      const message = 'A segment does not go on where the one before it ended.';
      this.#report(manifest, 'invalid', 'forked', message, 'chain');
    }
    this.tree.add(hashManifest(manifest));
    this.segments = segment;
    this.count = last;
    this.#pins.segments(segment, this.tree);
  }

  #missing(first: number, last: number): void {
    const message = 'Segments are not there, and their manifests neither.';
    const numbers = first <= last ? { first, last } : {};
    this.#problems.add({
      ...{ fault: 'missing', alteration: 'dropped', level: 'manifest', ...numbers, message },
    });
  }

  #report(
    { segment, first, last }: SegmentManifest,
    fault: BundleFault,
    alteration: Alteration,
    message: string,
    level: BundleProblem['level'] = 'manifest',
  ): void {
    this.#problems.add({ fault, alteration, level, first, last, segment, message });
  }
}

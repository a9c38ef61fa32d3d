// Which WAL segments are still needed. Published entries live in their bundles, so older segments
// go; the last complete one stays, to mend tiles from after a crash.

import type { LogDisk } from '../disk/log-disk.ts';
import { ignoreSteps, type OnStep } from '../log/protocol-step.ts';
import { WAL_FOLDER } from './prepare-segment.ts';
import { segmentName } from './segment-header.ts';

export interface SegmentPlace {
  sequence: number;
  firstIndex: number;
}

export class RetainedSegments {
  readonly #disk: LogDisk;
  readonly #segments: SegmentPlace[];
  readonly #onStep: OnStep;

  /** @param segments oldest first */
  constructor(disk: LogDisk, segments: readonly SegmentPlace[], onStep: OnStep = ignoreSteps) {
    this.#disk = disk;
    this.#segments = [...segments];
    this.#onStep = onStep;
  }

  /** A segment was begun. */
  add(segment: SegmentPlace): void {
    this.#segments.push(segment);
  }

  /**
   * Removes every segment whose successor, too, holds only entries below `published`. One call at a
   * time; segments may be added meanwhile.
   */
  async removeBelow(published: number): Promise<void> {
    for (
      let afterNext = this.#segments[2];
      afterNext !== undefined && afterNext.firstIndex <= published;
      afterNext = this.#segments[2]
    ) {
      // Forgotten only once it is removed: a removal that failed must come before any later one,
      // or a gap in the sequence would keep the log from opening.
      const oldest = this.#segments[0] as SegmentPlace;
      await this.#disk.removeLater(`${WAL_FOLDER}/${segmentName(oldest.sequence)}`);
      this.#segments.shift();
      this.#onStep('segment.removed');
    }
  }
}

// Finds what the log itself says that it missed (`log.gap`). The bytes of a chunk are searched once, and
// only an event in which they are found is read.

import type { Buffer } from 'node:buffer';
import type { BundleGap } from './verdict.ts';

// Canonical JSON, so spelt so; inside of a text, as in a foreign record, the quotes would be escaped.
const NEEDLE = '"event":"log.gap"';
const MOST_GAPS = 1_000;
/** Events of ours hold at most 64 Ki characters; what is longer was not written by this house. */
const LONGEST_GAP_BYTES = 262_144;

export class GapFinder {
  readonly gaps: BundleGap[] = [];
  leftOut = 0;
  #bytes: Buffer | undefined;
  #next = -1;

  /** Looks at the text of an event that is known to be unchanged. */
  look(bytes: Buffer, start: number, end: number, number: number): void {
    if (bytes !== this.#bytes || (this.#next >= 0 && this.#next < start)) {
      this.#bytes = bytes;
      this.#next = bytes.indexOf(NEEDLE, start);
    }
    if (this.#next < 0 || this.#next >= end || end - start > LONGEST_GAP_BYTES) return;
    const gap = readGap(bytes.toString('utf8', start, end), number);
    if (gap === undefined) return;
    if (this.gaps.length < MOST_GAPS) this.gaps.push(gap);
    else this.leftOut += 1;
  }
}

function readGap(text: string, number: number): BundleGap | undefined {
  let event: { unmapped?: { countersign?: { event?: unknown; reason?: unknown } } } & {
    time?: unknown;
    message?: unknown;
  };
  try {
    event = JSON.parse(text);
  } catch {
    return undefined;
  }
  const facts = event.unmapped?.countersign;
  if (facts?.event !== 'log.gap') return undefined;
  return {
    number,
    reason: typeof facts.reason === 'string' ? facts.reason : '',
    timeMs: typeof event.time === 'number' ? event.time : 0,
    message: typeof event.message === 'string' ? event.message : '',
  };
}

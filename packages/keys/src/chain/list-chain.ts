// The segments of a chained record in order. A segment ends where the next one starts, so a missing
// file shows as a hole; what an older signer wrote after a newer one had read is not counted.

import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { TEMPORARY_SUFFIX } from '../disk/write-durably.ts';
import {
  type ChainKey,
  damaged,
  type LineSpot,
  NO_TAG,
  readSegment,
  type SegmentPlace,
} from './chain-segment.ts';

const SEGMENT_NAME = /^(\d{16})-(\d{8,15})\.lines$/;

export function placeOf(folder: string, firstNumber: number, epoch: number): SegmentPlace {
  const name = `${String(firstNumber).padStart(16, '0')}-${String(epoch).padStart(8, '0')}`;
  return { firstNumber, epoch, path: join(folder, `${name}.lines`) };
}

/** Lists the segments of `folder`; removes what a crash left half-named. */
export function listChain(folder: string): SegmentPlace[] {
  const places: SegmentPlace[] = [];
  for (const name of readdirSync(folder)) {
    const match = SEGMENT_NAME.exec(name);
    if (match !== null) places.push(placeOf(folder, Number(match[1]), Number(match[2])));
    else if (name.endsWith(`.lines${TEMPORARY_SUFFIX}`)) unlinkSync(join(folder, name));
  }
  places.sort((a, b) => a.firstNumber - b.firstNumber || a.epoch - b.epoch);
  return places.filter(({ firstNumber }, at) => places[at + 1]?.firstNumber !== firstNumber);
}

export interface ChainEnd {
  /** Number of the next line. */
  nextNumber: number;
  /** Tag of the last line. */
  tag: string;
}

/** Told of each line: where it lies, and its tag. */
export type EachLine = (value: unknown, number: number, spot: LineSpot, tag: string) => void;

export interface CheckedChain extends ChainEnd {
  /** The last segment that says all that those before it said: those may go. */
  lastAnew: SegmentPlace | undefined;
}

/**
 * Checks every line and hands it to `each`.
 * @param startsAt number of the first line, unless a segment that says all anew stands first; undefined
 *   when the oldest lines may have been dropped
 * @throws CodedError `key_life_corrupt`, `access_corrupt`, `ended_keys_corrupt`
 */
export function checkChain(
  chain: ChainKey,
  places: readonly SegmentPlace[],
  each: EachLine,
  startsAt?: number,
): CheckedChain {
  let end: ChainEnd = { nextNumber: startsAt ?? places[0]?.firstNumber ?? 1, tag: NO_TAG };
  let lastAnew: SegmentPlace | undefined;
  places.forEach((place, at) => {
    const { firstNumber, path } = place;
    const read = readSegment(chain, place, places[at + 1]?.firstNumber);
    const mayStandFirst = at === 0 && (startsAt === undefined || read.isAnew);
    const follows = mayStandFirst || (firstNumber === end.nextNumber && read.after === end.tag);
    if (!follows) throw damaged(chain.name, path);
    if (read.isAnew) lastAnew = place;
    read.lines.forEach((value, index) => {
      const offset = read.offsets[index] as number;
      const bytes = (read.offsets[index + 1] as number) - offset;
      const before = read.tags[index - 1] ?? read.headTag;
      each(value, firstNumber + index, { path, offset, bytes, before }, read.tags[index] as string);
    });
    end = { nextNumber: firstNumber + read.lines.length, tag: read.tags.at(-1) ?? read.after };
  });
  return { ...end, lastAnew };
}

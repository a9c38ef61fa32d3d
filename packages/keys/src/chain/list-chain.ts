// The segments of a chained record in order. A segment ends where the next one starts, so a missing
// file shows as a hole; what an older signer wrote after a newer one had read is not counted.

import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { TEMPORARY_SUFFIX } from '../disk/write-durably.ts';
import { type ChainKey, damaged, NO_TAG, readSegment, type SegmentPlace } from './chain-segment.ts';

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

/**
 * Checks every line and hands it to `each`.
 * @param startsAt number of the first line; undefined when the oldest lines may have been dropped
 * @throws CodedError `key_life_corrupt`, `access_corrupt`
 */
export function checkChain(
  chain: ChainKey,
  places: readonly SegmentPlace[],
  each: (value: unknown, number: number) => void,
  startsAt?: number,
): ChainEnd {
  let end: ChainEnd = { nextNumber: startsAt ?? places[0]?.firstNumber ?? 1, tag: NO_TAG };
  places.forEach((place, at) => {
    const read = readSegment(chain, place, places[at + 1]?.firstNumber);
    const isFirst = at === 0 && startsAt === undefined;
    const follows = isFirst || read.after === end.tag;
    if (place.firstNumber !== end.nextNumber || !follows) throw damaged(chain.name, place.path);
    read.lines.forEach((value, index) => {
      each(value, place.firstNumber + index);
    });
    end = {
      nextNumber: place.firstNumber + read.lines.length,
      tag: read.tags.at(-1) ?? read.after,
    };
  });
  return end;
}

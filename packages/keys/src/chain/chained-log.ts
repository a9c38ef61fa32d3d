// A record of few and precious lines, durable before anything is done about them. Each start of the
// signer writes segments of its own, so that one that was frozen and replaced spoils nothing.

import { closeSync, constants, ftruncateSync, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { writeNewDurably } from '../disk/write-durably.ts';
import { isNoRoom, writeFully } from '../disk/write-fully.ts';
import { custodyRefusal } from '../keys-error.ts';
import {
  type ChainKey,
  encodeHead,
  encodeLine,
  type LineSpot,
  readLine,
  readSegment,
  type SegmentPlace,
} from './chain-segment.ts';
import { type ChainEnd, checkChain, type EachLine, listChain, placeOf } from './list-chain.ts';

/** Lines of a segment; one is read whole for any line in it. */
const LINES_PER_SEGMENT = 1024;
/** Segments of one record that is bounded: a signer that starts again and again makes one each. */
const SEGMENTS_LIMIT = 4096;

export interface ChainedLogOptions {
  folder: string;
  chain: ChainKey;
  /** Of this signer's claim on the folder. */
  epoch: number;
  /** Asked after each durable write; false means another signer took over. */
  holdsFolder(): boolean;
  /** Called for every line that is there, in order. */
  each: EachLine;
  /** The oldest lines go when at least so many newer ones are there. Default: all are kept. */
  keepLines?: number;
  /** Default 1024; small in tests. */
  linesPerSegment?: number;
  /** How bytes reach the file; a test hands in a disk that is full or broken. */
  disk?: ChainDisk;
}

export interface ChainDisk {
  writeNew(path: string, bytes: Uint8Array): void;
  writeAt(fd: number, bytes: Uint8Array, position: number): void;
}

const DURABLE_DISK: ChainDisk = { writeNew: writeNewDurably, writeAt: writeFully };

interface OpenSegment {
  fd: number;
  place: SegmentPlace;
  tailBytes: number;
}

export class ChainedLog {
  readonly #options: ChainedLogOptions;
  readonly #places: SegmentPlace[];
  readonly #epoch: number;
  #end: ChainEnd;
  /** Tag that the next line is bound to: the last line's, or its segment's head's. */
  #before = '';
  #open: OpenSegment | undefined;
  #broken: unknown;

  /** Opens or starts a record and reads it. @throws CodedError `key_life_corrupt`, `access_corrupt` */
  constructor(options: ChainedLogOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.#places = listChain(options.folder);
    const startsAt = options.keepLines === undefined ? 1 : undefined;
    const { lastAnew, ...end } = checkChain(options.chain, this.#places, options.each, startsAt);
    this.#end = end;
    this.#dropBefore(lastAnew);
    const newest = this.#places.reduce((epoch, place) => Math.max(epoch, place.epoch), 0);
    this.#epoch = Math.max(newest + 1, options.epoch);
  }

  get firstNumber(): number {
    return this.#places[0]?.firstNumber ?? 1;
  }

  /** Number of the newest durable line; 0 when there is none. */
  get lastNumber(): number {
    return this.#end.nextNumber - 1;
  }

  /** What made this record unusable: the process must end and read it again. */
  get broken(): unknown {
    return this.#broken;
  }

  /**
   * Makes these lines durable with one write.
   * @throws the system's error when the disk has no room: nothing was written, and a later call may
   *   succeed. Any other failure leaves the record unusable.
   */
  append(values: readonly unknown[]): LineSpot[] {
    if (values.length === 0) return [];
    const spots = this.#attempt(() => this.#write(values));
    this.#dropOldest();
    return spots;
  }

  /**
   * Makes these lines durable, which say all that was said so far. What came before them goes at the
   * next opening, not now: a signer that was replaced meanwhile must take nothing from its successor.
   * @throws as `append`
   */
  beginAnew(values: readonly unknown[]): void {
    this.#attempt(() => this.#writeSegment(values, true));
  }

  /** One line again, from where it lies. @throws CodedError when it is not what it was */
  readAt(spot: LineSpot): unknown {
    return readLine(this.#options.chain, spot);
  }

  /** Number and tag of the last line, to know it by later. */
  get end(): { number: number; tag: string } {
    return { number: this.lastNumber, tag: this.#end.tag };
  }

  /** Lines from `fromNumber` on, at most `limit`; fewer when they were dropped. */
  read(fromNumber: number, limit: number): { number: number; value: unknown }[] {
    const found: { number: number; value: unknown }[] = [];
    const from = Math.max(fromNumber, this.firstNumber);
    const end = Math.min(this.#end.nextNumber, from + limit);
    this.#places.forEach((place, at) => {
      const next = this.#places[at + 1]?.firstNumber ?? this.#end.nextNumber;
      if (next <= from || place.firstNumber >= end) return;
      readSegment(this.#options.chain, place, next).lines.forEach((value, index) => {
        const number = place.firstNumber + index;
        if (number >= from && number < end) found.push({ number, value });
      });
    });
    return found;
  }

  close(): void {
    this.#broken ??= custodyRefusal('folder_locked', 'This signer has left its folder.');
    if (this.#open !== undefined) closeSync(this.#open.fd);
    this.#open = undefined;
  }

  #attempt<T>(write: () => T): T {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      return write();
    } catch (error) {
      if (!isNoRoom(error)) this.#broken = error;
      throw error;
    }
  }

  #write(values: readonly unknown[]): LineSpot[] {
    const { chain, disk = DURABLE_DISK, linesPerSegment = LINES_PER_SEGMENT } = this.#options;
    const open = this.#open;
    if (open === undefined || this.#end.nextNumber - open.place.firstNumber >= linesPerSegment) {
      return this.#writeSegment(values, false);
    }
    const { text, tag, spots } = encodeAll(chain, this.#before, values);
    const at = open.tailBytes;
    writeAtTail(open, Buffer.from(text, 'utf8'), disk);
    this.#written(values.length, tag);
    return spots(open.place.path, at);
  }

  #writeSegment(values: readonly unknown[], isAnew: boolean): LineSpot[] {
    const { chain, folder, disk = DURABLE_DISK } = this.#options;
    const place = placeOf(folder, this.#end.nextNumber, this.#epoch);
    const head = encodeHead(chain, place, this.#end.tag, isAnew);
    const { text, tag, spots } = encodeAll(chain, head.tag, values);
    const bytes = Buffer.from(head.text + text, 'utf8');
    disk.writeNew(place.path, bytes);
    const fd = openSync(place.path, constants.O_WRONLY | constants.O_DSYNC);
    if (this.#open !== undefined) closeSync(this.#open.fd);
    this.#open = { fd, place, tailBytes: bytes.length };
    this.#places.push(place);
    this.#written(values.length, tag);
    return spots(place.path, Buffer.byteLength(head.text));
  }

  #written(count: number, tag: string): void {
    if (!this.#options.holdsFolder()) {
      throw custodyRefusal(
        'folder_locked',
        'Another signer has claimed this key folder; this one stops.',
      );
    }
    this.#before = tag;
    this.#end = { nextNumber: this.#end.nextNumber + count, tag };
  }

  #dropBefore(place: SegmentPlace | undefined): void {
    if (place === undefined) return;
    for (const gone of this.#places.splice(0, this.#places.indexOf(place))) unlinkSync(gone.path);
  }

  #dropOldest(): void {
    const { keepLines } = this.#options;
    if (keepLines === undefined) return;
    for (let second = this.#places[1]; second !== undefined; second = this.#places[1]) {
      const enough = this.#end.nextNumber - second.firstNumber >= keepLines;
      if (!enough && this.#places.length <= SEGMENTS_LIMIT) return;
      unlinkSync((this.#places.shift() as SegmentPlace).path);
    }
  }
}

function writeAtTail(open: OpenSegment, bytes: Buffer, disk: ChainDisk): void {
  try {
    disk.writeAt(open.fd, bytes, open.tailBytes);
  } catch (error) {
    // What was refused must not be found by the next process.
    ftruncateSync(open.fd, open.tailBytes);
    throw error;
  }
  open.tailBytes += bytes.length;
}

interface EncodedLines {
  text: string;
  tag: string;
  /** Where the lines lie, once the first of them is at `offset`. */
  spots(path: string, offset: number): LineSpot[];
}

function encodeAll(chain: ChainKey, before: string, values: readonly unknown[]): EncodedLines {
  let tag = before;
  let text = '';
  const lines: { before: string; bytes: number }[] = [];
  for (const value of values) {
    const line = encodeLine(chain, tag, value);
    lines.push({ before: tag, bytes: Buffer.byteLength(line.text) });
    text += line.text;
    tag = line.tag;
  }
  const spots = (path: string, first: number): LineSpot[] => {
    let offset = first;
    return lines.map((line) => {
      const spot = { path, offset, ...line };
      offset += line.bytes;
      return spot;
    });
  };
  return { text, tag, spots };
}

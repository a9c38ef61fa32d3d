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
  readSegment,
  type SegmentPlace,
} from './chain-segment.ts';
import { type ChainEnd, checkChain, listChain, placeOf } from './list-chain.ts';

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
  each(value: unknown, number: number): void;
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
    this.#end = checkChain(options.chain, this.#places, options.each, startsAt);
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
  append(values: readonly unknown[]): void {
    if (this.#broken !== undefined) throw this.#broken;
    if (values.length === 0) return;
    try {
      this.#write(values);
    } catch (error) {
      if (!isNoRoom(error)) this.#broken = error;
      throw error;
    }
    this.#dropOldest();
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

  #write(values: readonly unknown[]): void {
    const { chain, folder, disk = DURABLE_DISK } = this.#options;
    const { linesPerSegment = LINES_PER_SEGMENT } = this.#options;
    const first = this.#end.nextNumber;
    const open = this.#open;
    if (open !== undefined && first - open.place.firstNumber < linesPerSegment) {
      const { text, tag } = encodeAll(chain, this.#before, values);
      const bytes = Buffer.from(text, 'utf8');
      writeAtTail(open, bytes, disk);
      this.#written(values.length, tag);
      return;
    }
    const place = placeOf(folder, first, this.#epoch);
    const head = encodeHead(chain, place, this.#end.tag);
    const { text, tag } = encodeAll(chain, head.tag, values);
    const bytes = Buffer.from(head.text + text, 'utf8');
    disk.writeNew(place.path, bytes);
    const fd = openSync(place.path, constants.O_WRONLY | constants.O_DSYNC);
    if (open !== undefined) closeSync(open.fd);
    this.#open = { fd, place, tailBytes: bytes.length };
    this.#places.push(place);
    this.#written(values.length, tag);
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

function encodeAll(
  chain: ChainKey,
  before: string,
  values: readonly unknown[],
): { text: string; tag: string } {
  let tag = before;
  let text = '';
  for (const value of values) {
    const line = encodeLine(chain, tag, value);
    text += line.text;
    tag = line.tag;
  }
  return { text, tag };
}

// The segment that is being written. Room is reserved as zeros ahead of the tail, so that a full
// disk shows before a record is half written and a durable write touches no file metadata.

import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { writeNewDurably } from '../disk/write-durably.ts';
import { writeFully } from '../disk/write-fully.ts';
import { segmentPath } from './list-segments.ts';
import { RECORD_BYTES } from './record.ts';
import { encodeSegmentHead } from './segment-head.ts';

const RESERVE_BYTES = 256 * 1024;
const ZEROS = Buffer.alloc(RESERVE_BYTES);

/** Writes all bytes at a position of a descriptor opened with O_DSYNC, or throws. */
export type WriteBytes = (fd: number, bytes: Uint8Array, position: number) => void;

export interface SegmentStart {
  folder: string;
  firstNumber: number;
  epoch: number;
  counts: ReadonlyMap<string, number>;
  /** Records it may hold. */
  capacity: number;
}

export class OpenSegment {
  readonly path: string;
  readonly #fd: number;
  readonly #write: WriteBytes;
  readonly #endBytes: number;
  #tailBytes: number;
  #reservedBytes: number;

  private constructor(path: string, headBytes: number, capacity: number, write: WriteBytes) {
    this.path = path;
    this.#write = write;
    this.#endBytes = headBytes + capacity * RECORD_BYTES;
    this.#tailBytes = headBytes;
    this.#fd = openSync(path, constants.O_RDWR | constants.O_DSYNC);
    this.#reservedBytes = fstatSync(this.#fd).size;
  }

  /** Starts a segment: its file appears with its head, or not at all; it replaces none. */
  static start(start: SegmentStart, write: WriteBytes = writeFully): OpenSegment {
    const path = segmentPath(start.folder, start.firstNumber, start.epoch);
    const head = encodeSegmentHead(start.firstNumber, start.counts);
    writeNewDurably(path, head);
    return new OpenSegment(path, head.length, start.capacity, write);
  }

  /** False when a group of so many bytes belongs into the next segment. */
  fits(bytes: number): boolean {
    return this.#tailBytes + bytes <= this.#endBytes;
  }

  /** Makes one group durable. When it throws, the file ends where it ended before. */
  append(group: Uint8Array): void {
    const needed = this.#tailBytes + group.length;
    while (this.#reservedBytes < needed) this.#reserve();
    try {
      this.#write(this.#fd, group, this.#tailBytes);
    } catch (error) {
      // Whole records of a group that was refused must not be found by the next process.
      this.#giveBack(this.#tailBytes);
      throw error;
    }
    this.#tailBytes = needed;
  }

  /** Gives back the room that was not used. */
  close(): void {
    this.#giveBack(this.#tailBytes);
    closeSync(this.#fd);
  }

  #reserve(): void {
    const length = Math.min(RESERVE_BYTES, this.#endBytes - this.#reservedBytes);
    try {
      this.#write(this.#fd, ZEROS.subarray(0, length), this.#reservedBytes);
    } catch (error) {
      this.#giveBack(this.#reservedBytes);
      throw error;
    }
    this.#reservedBytes += length;
  }

  #giveBack(size: number): void {
    ftruncateSync(this.#fd, size);
    this.#reservedBytes = size;
  }
}

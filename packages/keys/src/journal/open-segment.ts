// The segment that is being written. Room is reserved as zeros ahead of the tail, so that a full
// disk shows before a record is half written and a durable write touches no file metadata.

import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { writeDurably } from '../disk/write-durably.ts';
import { writeFully } from '../disk/write-fully.ts';
import { segmentPath } from './list-segments.ts';
import { RECORD_BYTES } from './record.ts';
import type { ScannedSegment } from './scan-segment.ts';
import { encodeSegmentHead } from './segment-head.ts';

const RESERVE_BYTES = 256 * 1024;
const ZEROS = Buffer.alloc(RESERVE_BYTES);

/** Writes all bytes at a position of a descriptor opened with O_DSYNC, or throws. */
export type WriteBytes = (fd: number, bytes: Uint8Array, position: number) => void;

export interface SegmentStart {
  folder: string;
  firstNumber: number;
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

  private constructor(
    path: string,
    extent: { headBytes: number; tailBytes: number; capacity: number },
    write: WriteBytes,
  ) {
    this.path = path;
    this.#write = write;
    this.#endBytes = extent.headBytes + extent.capacity * RECORD_BYTES;
    this.#tailBytes = extent.tailBytes;
    this.#fd = openSync(path, constants.O_RDWR | constants.O_DSYNC);
    this.#reservedBytes = fstatSync(this.#fd).size;
  }

  /** Starts a segment: its file appears with its head, or not at all. */
  static start(start: SegmentStart, write: WriteBytes = writeFully): OpenSegment {
    const path = segmentPath(start.folder, start.firstNumber);
    const head = encodeSegmentHead(start.firstNumber, start.counts);
    writeDurably(path, head);
    const extent = { headBytes: head.length, tailBytes: head.length, capacity: start.capacity };
    return new OpenSegment(path, extent, write);
  }

  /** Goes on writing a segment that was scanned, and cuts off its torn tail. */
  static resume(
    path: string,
    scanned: ScannedSegment,
    capacity: number,
    write: WriteBytes = writeFully,
  ): OpenSegment {
    const segment = new OpenSegment(path, { ...scanned, capacity }, write);
    if (scanned.torn) segment.#giveBack(scanned.tailBytes);
    return segment;
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

  close(): void {
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

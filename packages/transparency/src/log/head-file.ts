// The log's own memory of the last checkpoint it signed: what it must never go back behind. Two
// slots written in turn, so that a torn write leaves the other; written before the checkpoint is
// shown to anyone, and only over the head that this process last saw (compare and swap).
//
//   slot: 8 B magic | u16 format | u48 sequence | u48 epoch | u48 size | u48 time ms |
//   32 B root | u16 note bytes | note | zeros | u32 CRC of all before it

import { crc32 } from 'node:zlib';
import { type DiskFile, type DiskReader, type LogDisk, writeAll } from '../disk/log-disk.ts';
import { refusal } from '../transparency-error.ts';
import { ignoreSteps, type OnStep } from './protocol-step.ts';

export const HEAD_FILE = 'head';
const SLOT_BYTES = 16 * 1024;
const MAGIC = Buffer.from('CSNTHEAD', 'latin1');
const FORMAT = 1;
const NOTE_OFFSET = 68;
const MAX_NOTE_BYTES = SLOT_BYTES - NOTE_OFFSET - 4;

export interface Head {
  /** Grows by one with every write. */
  sequence: number;
  /** Grows by one with every opening of the log. */
  epoch: number;
  size: number;
  timeMs: number;
  root: Uint8Array;
  /** The signed checkpoint. */
  note: string;
}

/** Writes the first head of a new log. */
export function createHead(disk: LogDisk, head: Head): void {
  const file = disk.create(HEAD_FILE);
  writeAll(file, Buffer.alloc(2 * SLOT_BYTES), 0);
  writeAll(file, encodeSlot(head), slotOffset(head));
  file.close();
}

/** @throws CodedError `head_corrupt` when there is no sound head */
export function readHead(disk: DiskReader): Head {
  const bytes = disk.read(HEAD_FILE);
  const slots = [0, SLOT_BYTES]
    .map((offset) => bytes && decodeSlot(bytes.subarray(offset, offset + SLOT_BYTES)))
    .filter((head) => head !== undefined)
    .sort((one, other) => other.sequence - one.sequence);
  const [head] = slots;
  if (head === undefined) {
    throw refusal(
      'head_corrupt',
      'The file that remembers the last checkpoint is missing or damaged. Restore the whole folder from a copy that holds everything the log acknowledged.',
    );
  }
  return head;
}

/** Where a slot stands that was written and is not whole: a torn write, or damage. */
export function unsoundSlots(disk: DiskReader): number[] {
  const bytes = disk.read(HEAD_FILE) ?? Buffer.alloc(0);
  return [0, SLOT_BYTES].filter((offset) => {
    const slot = bytes.subarray(offset, offset + SLOT_BYTES);
    return decodeSlot(slot) === undefined && slot.some((byte) => byte !== 0);
  });
}

export class HeadKeeper {
  readonly #disk: LogDisk;
  readonly #file: DiskFile;
  readonly #onStep: OnStep;
  #head: Head;

  constructor(disk: LogDisk, head: Head, onStep: OnStep = ignoreSteps) {
    this.#disk = disk;
    this.#file = disk.open(HEAD_FILE);
    this.#head = head;
    this.#onStep = onStep;
  }

  get head(): Head {
    return this.#head;
  }

  /**
   * Replaces the head, durably.
   * @throws CodedError `fenced` when somebody else has written since, `rollback` for a smaller size
   */
  advance(next: Omit<Head, 'sequence'>): void {
    const found = readHead(this.#disk);
    if (found.sequence !== this.#head.sequence || found.epoch !== this.#head.epoch) {
      throw refusal('fenced', 'Another process has written this log; this one must stop.');
    }
    if (next.size < found.size) {
      throw refusal('rollback', 'A checkpoint smaller than the last one was about to be signed.');
    }
    const head = { ...next, sequence: found.sequence + 1 };
    this.#onStep('head.compared');
    writeAll(this.#file, encodeSlot(head), slotOffset(head));
    this.#head = head;
    this.#onStep('head.durable');
  }

  close(): void {
    this.#file.close();
  }
}

function slotOffset({ sequence }: Head): number {
  return (sequence % 2) * SLOT_BYTES;
}

function encodeSlot(head: Head): Buffer {
  const note = Buffer.from(head.note);
  if (note.length > MAX_NOTE_BYTES) throw new Error('A checkpoint does not fit its slot.');
  const slot = Buffer.alloc(SLOT_BYTES);
  slot.set(MAGIC, 0);
  slot.writeUInt16BE(FORMAT, 8);
  slot.writeUIntBE(head.sequence, 10, 6);
  slot.writeUIntBE(head.epoch, 16, 6);
  slot.writeUIntBE(head.size, 22, 6);
  slot.writeUIntBE(head.timeMs, 28, 6);
  slot.set(head.root, 34);
  slot.writeUInt16BE(note.length, 66);
  slot.set(note, NOTE_OFFSET);
  slot.writeUInt32BE(crc32(slot.subarray(0, -4)), SLOT_BYTES - 4);
  return slot;
}

function decodeSlot(slot: Buffer): Head | undefined {
  if (slot.length !== SLOT_BYTES || !slot.subarray(0, 8).equals(MAGIC)) return undefined;
  if (slot.readUInt32BE(SLOT_BYTES - 4) !== crc32(slot.subarray(0, -4))) return undefined;
  if (slot.readUInt16BE(8) !== FORMAT) return undefined;
  const noteBytes = slot.readUInt16BE(66);
  if (noteBytes > MAX_NOTE_BYTES) return undefined;
  return {
    sequence: slot.readUIntBE(10, 6),
    epoch: slot.readUIntBE(16, 6),
    size: slot.readUIntBE(22, 6),
    timeMs: slot.readUIntBE(28, 6),
    root: Buffer.from(slot.subarray(34, 66)),
    note: slot.toString('utf8', NOTE_OFFSET, NOTE_OFFSET + noteBytes),
  };
}

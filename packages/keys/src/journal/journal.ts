// The signer's numbered record of every signature. A number is durable before the signature it
// stands for exists, and no number is skipped or used twice: what the key did can be counted.

import { mkdirSync } from 'node:fs';
import { isNoRoom } from '../disk/write-fully.ts';
import { custodyRefusal, signerRefusal } from '../keys-error.ts';
import type { SignatureAlg } from '../scope/key-scope.ts';
import { checkSegments, listSegments, type SegmentPlace } from './list-segments.ts';
import { OpenSegment, type WriteBytes } from './open-segment.ts';
import { type JournalEntry, readEntries } from './read-entries.ts';
import { RECORD_BYTES, writeRecord } from './record.ts';

/** About 6 MiB a segment; a signer that starts reads the newest ones whole. */
export const RECORDS_PER_SEGMENT = 65_536;
/** Entries of one answer to a reader. */
export const READ_LIMIT = 1000;

export interface NewSignature {
  kid: string;
  alg: SignatureAlg;
  timeMs: number;
  inputHash: Uint8Array;
}

export interface JournalPlace {
  number: number;
  keyNumber: number;
}

export interface JournalOptions {
  folder: string;
  /** True when there was a journal before: a missing one is then damage. Default false. */
  mustExist?: boolean;
  /** Of this signer's claim on the folder. Default: one more than the newest segment's. */
  epoch?: number;
  /** Asked after each durable write; false means another signer took over. Default: always true. */
  holdsFolder?: () => boolean;
  /** Default `RECORDS_PER_SEGMENT`; small in tests. */
  recordsPerSegment?: number;
  /** How bytes reach the file; a test hands in a disk that is full or broken. */
  write?: WriteBytes;
}

function missing(folder: string): Error {
  return custodyRefusal(
    'journal_corrupt',
    `There are keys, but their journal is not in ${folder}. Restore it from a backup: a key whose signatures cannot be counted does not sign.`,
  );
}

function takenOver(): Error {
  return custodyRefusal(
    'folder_locked',
    'Another signer has claimed this key folder; this one stops.',
  );
}

export class Journal {
  readonly #options: JournalOptions;
  readonly #capacity: number;
  readonly #epoch: number;
  readonly #segments: SegmentPlace[];
  readonly #counts: Map<string, number>;
  /** This process's own; started with its first record. */
  #open: OpenSegment | undefined;
  #nextNumber: number;
  #broken: unknown;
  /** True when opening cut off a group that was being written when the last process died. */
  readonly cutAtOpen: boolean;

  /** Opens or starts the journal in a folder. @throws CodedError `journal_corrupt` */
  constructor(options: JournalOptions) {
    this.#options = options;
    this.#capacity = options.recordsPerSegment ?? RECORDS_PER_SEGMENT;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.#segments = listSegments(options.folder);
    const last = checkSegments(this.#segments);
    if (last === undefined && options.mustExist === true) throw missing(options.folder);
    this.#nextNumber = last?.nextNumber ?? 1;
    this.#counts = last?.counts ?? new Map();
    this.cutAtOpen = last?.torn ?? false;
    const newest = this.#segments.reduce((epoch, place) => Math.max(epoch, place.epoch), 0);
    this.#epoch = Math.max(newest + 1, options.epoch ?? 0);
    // A journal that exists has a segment, so that its loss is seen even before it has a record.
    if (last === undefined) this.#open = this.#startSegment();
  }

  /** Number of the newest durable record; 0 when there is none. */
  get lastNumber(): number {
    return this.#nextNumber - 1;
  }

  /** Every kid that ever signed, with its count. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /**
   * Numbers these signatures and makes them durable with one write, in order.
   *
   * @throws CodedError `journal_full` when the disk has no room: nothing was numbered, and a later
   *   call may succeed. Any other failure leaves the journal unusable, because nobody knows what
   *   reached the disk; the process must end and read it again.
   */
  append(signatures: readonly NewSignature[]): JournalPlace[] {
    if (this.#broken !== undefined) throw this.#broken;
    if (signatures.length === 0) return [];
    const bytes = Buffer.alloc(signatures.length * RECORD_BYTES);
    const counts = new Map<string, number>();
    const places = signatures.map((signature, index) => {
      const number = this.#nextNumber + index;
      const { kid } = signature;
      const keyNumber = (counts.get(kid) ?? this.#counts.get(kid) ?? 0) + 1;
      counts.set(kid, keyNumber);
      const record = { ...signature, number, keyNumber, groupStart: this.#nextNumber };
      writeRecord(bytes, index * RECORD_BYTES, record);
      return { number, keyNumber };
    });
    this.#write(bytes);
    for (const [kid, count] of counts) this.#counts.set(kid, count);
    this.#nextNumber += signatures.length;
    return places;
  }

  /** Entries from `fromNumber` on, at most `limit` (at most 1000), read by position. */
  read(fromNumber: number, limit: number): { entries: JournalEntry[]; lastNumber: number } {
    const from = Math.max(1, fromNumber);
    const count = Math.max(0, Math.min(limit, READ_LIMIT, this.#nextNumber - from));
    const entries = readEntries(this.#segments, from, count);
    return { entries, lastNumber: this.lastNumber };
  }

  close(): void {
    this.#broken ??= signerRefusal('signer_unavailable', 'The signer is stopping.');
    this.#open?.close();
  }

  #write(bytes: Buffer): void {
    try {
      this.#segmentFor(bytes.length).append(bytes);
      if (this.#options.holdsFolder?.() === false) throw takenOver();
    } catch (error) {
      if (isNoRoom(error)) {
        throw signerRefusal('journal_full', 'The signer has no room for its journal.', {
          cause: error,
        });
      }
      this.#broken = error;
      throw error;
    }
  }

  #segmentFor(bytes: number): OpenSegment {
    const current = this.#open;
    if (current?.fits(bytes) === true) return current;
    this.#open = this.#startSegment();
    current?.close();
    return this.#open;
  }

  #startSegment(): OpenSegment {
    const { folder, write } = this.#options;
    const [firstNumber, epoch] = [this.#nextNumber, this.#epoch];
    const start = { folder, firstNumber, epoch, counts: this.#counts, capacity: this.#capacity };
    const segment = OpenSegment.start(start, write);
    this.#segments.push({ firstNumber, epoch, path: segment.path });
    return segment;
  }
}

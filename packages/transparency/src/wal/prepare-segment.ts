// Makes the next WAL segment while the current one is in use: a file filled with zeros, a piece at
// a time, so that appending to it later changes no size and no append waits for the filling.

import { type DiskFile, isDiskFull, type LogDisk, writeAll } from '../disk/log-disk.ts';
import { ignoreSteps, type OnStep } from '../log/protocol-step.ts';
import { refusal } from '../transparency-error.ts';
import { segmentName } from './segment-header.ts';

export const WAL_FOLDER = 'wal';
/** Each piece costs a commit of the journal, whatever its size, and nothing is appended meanwhile. */
const PIECE = Buffer.alloc(1024 * 1024);
const RETRY_AFTER_SECONDS = 5;

export interface PreparedSegment {
  sequence: number;
  file: DiskFile;
}

interface HalfFilled extends PreparedSegment {
  filledBytes: number;
}

export class SegmentPreparer {
  readonly #disk: LogDisk;
  readonly #segmentBytes: number;
  readonly #onStep: OnStep;
  #nextSequence: number;
  #making: HalfFilled | undefined;
  #ready: PreparedSegment | undefined;

  constructor(
    disk: LogDisk,
    segmentBytes: number,
    nextSequence: number,
    onStep: OnStep = ignoreSteps,
  ) {
    this.#disk = disk;
    this.#segmentBytes = segmentBytes;
    this.#nextSequence = nextSequence;
    this.#onStep = onStep;
  }

  /** Fills one more piece; nothing happens once a segment is ready. @throws CodedError `log_full` */
  step(): void {
    if (this.#ready !== undefined) return;
    try {
      this.#making ??= this.#begin();
      const making = this.#making;
      const rest = Math.min(PIECE.length, this.#segmentBytes - making.filledBytes);
      writeAll(making.file, PIECE.subarray(0, rest), making.filledBytes);
      making.filledBytes += rest;
      this.#onStep('segment.piece-filled');
      if (making.filledBytes === this.#segmentBytes) this.#finish(making);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.discard();
      throw logFull(error);
    }
  }

  /** The ready segment; finishes it first when need be. @throws CodedError `log_full` */
  take(): PreparedSegment {
    while (this.#ready === undefined) this.step();
    const ready = this.#ready;
    this.#ready = undefined;
    this.#nextSequence = ready.sequence + 1;
    return ready;
  }

  /** Gives the room back; the sequence number will be used again. */
  discard(): void {
    const unused = this.#ready ?? this.#making;
    this.#ready = undefined;
    this.#making = undefined;
    if (unused !== undefined) this.giveUp(unused);
  }

  /** Closes the file and changes nothing on the disk. */
  abandon(): void {
    (this.#ready ?? this.#making)?.file.close();
    this.#ready = undefined;
    this.#making = undefined;
  }

  /** Removes a taken segment that holds nothing. */
  giveUp({ sequence, file }: PreparedSegment): void {
    file.close();
    this.#disk.remove(`${WAL_FOLDER}/${segmentName(sequence)}`);
    this.#nextSequence = sequence;
  }

  #begin(): HalfFilled {
    const sequence = this.#nextSequence;
    const file = this.#disk.create(`${WAL_FOLDER}/${segmentName(sequence)}`);
    this.#onStep('segment.created');
    return { sequence, file, filledBytes: 0 };
  }

  /** Opened anew, because the filling synced sizes and times too and appends need not. */
  #finish({ sequence, file }: HalfFilled): void {
    file.close();
    this.#making = undefined;
    const reopened = this.#disk.open(`${WAL_FOLDER}/${segmentName(sequence)}`);
    this.#ready = { sequence, file: reopened };
    this.#onStep('segment.prepared');
  }
}

export function logFull(cause: unknown): Error {
  return refusal('log_full', 'The log has no room on its disk; nothing was logged.', {
    cause,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

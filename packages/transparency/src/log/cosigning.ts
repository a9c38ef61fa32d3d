// The log's side of witnessing: what witnesses are to be asked about, what they answered, and what
// one of them holds that the log may have forgotten.

import { type CodedError, isCodedError } from '@countersign/vocabulary';
import type { LogDisk } from '../disk/log-disk.ts';
import type { LogIdentity, LogKeys } from '../identity/log-identity.ts';
import { refusal, stopped } from '../transparency-error.ts';
import { checkWitnessed, isDisproved, WITNESSED_FILE } from './check-witnessed.ts';
import type { Head } from './head-file.ts';
import type { Publisher } from './publish.ts';

export interface CosigningParts {
  disk: LogDisk;
  identity: LogIdentity;
  keys: LogKeys;
  publisher: Publisher;
  onFatal(error: unknown): void;
}

/** The running log that this is a part of. */
export interface CosigningLog {
  isStopped(): boolean;
  stop(): void;
  fail(error: unknown): void;
}

export class Cosigning {
  readonly #parts: CosigningParts;
  readonly #log: CosigningLog;
  /** Disproved, and not yet on disk: a process started anew would know nothing of it. */
  #unwritten = false;

  constructor(parts: CosigningParts, log: CosigningLog) {
    this.#parts = parts;
    this.#log = log;
  }

  /** The last checkpoint signed, with the number of its writing, which never comes again. */
  get head(): Head {
    return this.#parts.publisher.head;
  }

  /**
   * Shows the checkpoint of this sequence with the cosignatures in `lines`, unless there is a newer.
   * @throws CodedError `request_malformed`, `log_stopped`
   */
  async show(sequence: number, lines: string): Promise<void> {
    if (this.#log.isStopped()) throw stopped();
    try {
      await this.#parts.publisher.showCosigned(sequence, lines);
    } catch (error) {
      if (isCodedError(error) && error.code === 'request_malformed') throw error;
      this.#log.fail(error);
      throw stopped(error);
    }
  }

  /**
   * Compares the log with a checkpoint that a witness holds, and stops it for good when it fails.
   * @throws CodedError `rollback`, `log_forked`, `log_stopped`; FormatError when it is no checkpoint of this log
   */
  async check(note: string): Promise<void> {
    if (this.#isAtRest) throw stopped();
    const { disk, identity, keys } = this.#parts;
    const key = keys.checkpoint.note;
    try {
      await checkWitnessed({ disk, origin: identity.origin, key, head: this.head }, note);
    } catch (error) {
      if (!isDisproved(error)) throw error;
      // Another witness was quicker.
      if (this.#isAtRest) throw stopped(error);
      this.#log.stop();
      await this.#writeDown(note, error);
      throw error;
    }
  }

  get #isAtRest(): boolean {
    return this.#log.isStopped() && !this.#unwritten;
  }

  /** Then ends the process; while it cannot, the stopped log stays, because a new one would go on. */
  async #writeDown(note: string, why: CodedError<'rollback' | 'log_forked'>): Promise<void> {
    const { disk, onFatal } = this.#parts;
    this.#unwritten = false;
    try {
      await disk.replace(WITNESSED_FILE, Buffer.from(note));
    } catch (cause) {
      this.#unwritten = true;
      const message = `${why.message} This could not be written down: let the log stand, and start it only once it is restored.`;
      throw refusal(why.code, message, { cause });
    }
    // The asker is told why before the process ends.
    setImmediate(() => onFatal(why));
  }
}

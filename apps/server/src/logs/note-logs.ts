// The keys of our logs as they were first heard, in DATA/logs.json: a start must not depend on a log
// that is away just then, and must not believe one that comes back with other keys.

import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { NotaryKeys } from '@countersign/transparency';
import { CodedError } from '@countersign/vocabulary';
import { z } from 'zod';

const text = z.string().min(1).max(512);
const keysSchema = z.object({
  origin: text,
  receiptKey: text,
  checkpointKey: text,
  feedKey: text,
});
const fileSchema = z.record(z.string(), keysSchema);

export class LogNotes {
  readonly #path: string;
  readonly #notes: Map<string, NotaryKeys>;

  /** @throws CodedError `log_changed` when the file is damaged */
  constructor(dataPath: string) {
    this.#path = join(dataPath, 'logs.json');
    this.#notes = new Map(Object.entries(this.#read()));
  }

  /** By the way a log is reached: `first`, `local` or its address. */
  keysOf(door: string): NotaryKeys | undefined {
    return this.#notes.get(door);
  }

  /** @throws CodedError `log_changed` when the log had other keys before, or says none */
  note(door: string, keys: NotaryKeys): void {
    const known = this.#notes.get(door);
    if (known === undefined) {
      // A log on another host may say anything; what was noted must be readable at the next start.
      const sound = keysSchema.safeParse(keys);
      if (!sound.success) {
        throw new CodedError('log_changed', `The log at "${door}" does not say who it is.`);
      }
      this.#notes.set(door, sound.data);
      this.#write();
      return;
    }
    const { origin, receiptKey, checkpointKey, feedKey } = known;
    const same =
      keys.origin === origin &&
      keys.receiptKey === receiptKey &&
      keys.checkpointKey === checkpointKey &&
      keys.feedKey === feedKey;
    if (!same) {
      throw new CodedError(
        'log_changed',
        `The log at "${door}" is not ${origin} as it was: a log never changes its name or its keys. If it was replaced on purpose, give it another address or remove its entry from ${this.#path}.`,
      );
    }
  }

  #read(): Record<string, NotaryKeys> {
    if (!existsSync(this.#path)) return {};
    try {
      return fileSchema.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch (cause) {
      throw new CodedError('log_changed', `${this.#path} is damaged; restore it.`, { cause });
    }
  }

  #write(): void {
    const next = `${this.#path}.next`;
    const fd = openSync(next, 'w', 0o600);
    writeSync(fd, `${JSON.stringify(Object.fromEntries(this.#notes), null, 2)}\n`);
    fsyncSync(fd);
    closeSync(fd);
    renameSync(next, this.#path);
    const folder = openSync(dirname(this.#path), 'r');
    fsyncSync(folder);
    closeSync(folder);
  }
}

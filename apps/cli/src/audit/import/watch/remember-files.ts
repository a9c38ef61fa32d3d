// The files that were read, on disk: a line each, written after the server took what was in it. Losing
// the file loses nothing but time: the server takes each record once however often it comes.

import { appendFileSync, readFileSync } from 'node:fs';
import { cliError } from '../../../cli-error.ts';
import type { FoundFile } from './find-new-files.ts';

export class FileMemory {
  readonly #path: string;
  readonly #known: Set<string>;

  private constructor(path: string, known: Set<string>) {
    this.#path = path;
    this.#known = known;
  }

  /** @throws CodedError `file_unreadable` when it is there and cannot be read, or cannot be written */
  static open(path: string): FileMemory {
    try {
      const memory = new FileMemory(path, new Set(identitiesIn(readIfThere(path))));
      appendFileSync(path, '');
      return memory;
    } catch (error) {
      throw cliError(
        'file_unreadable',
        `${path} cannot be written: name another with --state.`,
        error,
      );
    }
  }

  has(identity: string): boolean {
    return this.#known.has(identity);
  }

  keep({ identity, name }: FoundFile): void {
    this.#known.add(identity);
    appendFileSync(this.#path, `${JSON.stringify({ identity, name })}\n`);
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** A line that was cut by a crash is left out: its file is read again. */
function identitiesIn(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    try {
      const { identity } = JSON.parse(line) as { identity?: unknown };
      return typeof identity === 'string' ? [identity] : [];
    } catch {
      return [];
    }
  });
}

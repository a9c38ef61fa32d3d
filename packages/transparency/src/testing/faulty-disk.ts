// A real disk that can be made to misbehave: run full, fail, write short, or stop dead at one
// step, which is how tests crash the log at every step without a process.

import type { DiskFile, LogDisk } from '../disk/log-disk.ts';

/**
 * Asked before each step that changes the disk. A number makes a write do that many bytes;
 * an error is thrown after `tear` bytes of a write were done; undefined lets the step happen.
 */
export type Fault = (step: DiskStep) => undefined | number | { error: Error; tear?: number };

export interface DiskStep {
  kind: 'write' | 'create' | 'truncate' | 'replace' | 'remove' | 'settle' | 'makeFolder';
  path: string;
  bytes: number;
}

export function diskError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

export class FaultyDisk implements LogDisk {
  readonly #disk: LogDisk;
  fault: Fault = () => undefined;
  /** Steps so far that would change the disk. */
  steps = 0;

  constructor(disk: LogDisk) {
    this.#disk = disk;
  }

  list(folder: string): string[] {
    return this.#disk.list(folder);
  }

  read(path: string): Buffer | undefined {
    return this.#disk.read(path);
  }

  readLater(path: string): Promise<Buffer | undefined> {
    return this.#disk.readLater(path);
  }

  makeFolder(path: string): void {
    this.#check({ kind: 'makeFolder', path, bytes: 0 });
    this.#disk.makeFolder(path);
  }

  create(path: string): DiskFile {
    this.#check({ kind: 'create', path, bytes: 0 });
    return this.#wrap(path, this.#disk.create(path));
  }

  open(path: string): DiskFile {
    return this.#wrap(path, this.#disk.open(path));
  }

  remove(path: string): void {
    this.#check({ kind: 'remove', path, bytes: 0 });
    this.#disk.remove(path);
  }

  async removeLater(path: string): Promise<void> {
    this.#check({ kind: 'remove', path, bytes: 0 });
    await this.#disk.removeLater(path);
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    this.#check({ kind: 'replace', path, bytes: bytes.length });
    await this.#disk.replace(path, bytes);
  }

  async settle(): Promise<void> {
    this.#check({ kind: 'settle', path: '', bytes: 0 });
    await this.#disk.settle();
  }

  #check(step: DiskStep): number {
    this.steps += 1;
    const verdict = this.fault(step);
    if (typeof verdict === 'object') throw verdict.error;
    return verdict ?? step.bytes;
  }

  #wrap(path: string, file: DiskFile): DiskFile {
    return {
      write: (bytes, position) => {
        this.steps += 1;
        const verdict = this.fault({ kind: 'write', path, bytes: bytes.length });
        if (typeof verdict === 'number') return file.write(bytes.subarray(0, verdict), position);
        if (verdict === undefined) return file.write(bytes, position);
        if (verdict.tear) file.write(bytes.subarray(0, verdict.tear), position);
        throw verdict.error;
      },
      truncate: (size) => {
        this.#check({ kind: 'truncate', path, bytes: 0 });
        file.truncate(size);
      },
      close: () => file.close(),
    };
  }
}

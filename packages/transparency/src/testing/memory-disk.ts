// A disk in memory that loses power the way a journalling filesystem does: synchronous writes
// stay; renames, removals and truncations stay in order, but how many of the latest is chance.
// It can be told to lie: to acknowledge what reaches the disk only some steps later, whatever was
// asked of it. A log on a lying disk is a log whose protocol waits for nothing.

import type { DiskFile, LogDisk } from '../disk/log-disk.ts';

interface Inode {
  bytes: Buffer;
}

type Files = Map<string, Inode>;

/** A change that is visible and may not be durable yet. */
interface Pending {
  change(files: Files): void;
  /** The step at which it reaches the disk by itself; 0 for what the next commit takes along. */
  dueStep: number;
}

/** What a disk lies about: changes to these paths become durable only so many steps later. */
export interface Lie {
  paths: RegExp;
  steps: number;
}

export class MemoryDisk implements LogDisk {
  readonly #lie: Lie | undefined;
  /** What a running process sees. */
  #visible: Files = new Map();
  /** What has surely reached the disk. */
  #durable: Files = new Map();
  #pending: Pending[] = [];
  #step = 0;

  constructor(lie?: Lie) {
    this.#lie = lie;
  }

  /** A disk with the same files, all of them durable. */
  copy(lie?: Lie): MemoryDisk {
    const disk = new MemoryDisk(lie);
    disk.#visible = copyFiles(this.#visible);
    disk.#durable = copyFiles(this.#visible);
    return disk;
  }

  /**
   * Power is lost: of what was pending, the first `keep` of 0 to 1 survive. Nothing does of what
   * the disk lied about.
   */
  losePower(keep: number): void {
    const pending = this.#pending.filter(({ dueStep }) => dueStep === 0);
    const survivors = pending.slice(0, Math.round(keep * pending.length));
    for (const { change } of survivors) change(this.#durable);
    this.#pending = [];
    this.#visible = copyFiles(this.#durable);
  }

  list(folder: string): string[] {
    const prefix = folder === '.' ? '' : `${folder}/`;
    const names = new Set<string>();
    for (const path of this.#visible.keys()) {
      if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split('/')[0] as string);
    }
    return [...names].sort();
  }

  read(path: string): Buffer | undefined {
    const inode = this.#visible.get(path);
    return inode && Buffer.from(inode.bytes);
  }

  async readLater(path: string): Promise<Buffer | undefined> {
    return this.read(path);
  }

  makeFolder(): void {
    // Folders are implied by the paths in them.
  }

  create(path: string): DiskFile {
    if (this.#visible.has(path)) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
    this.#change(path, (files) => files.set(path, { bytes: Buffer.alloc(0) }));
    this.#commit();
    return this.#file(path);
  }

  open(path: string): DiskFile {
    if (!this.#visible.has(path)) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    return this.#file(path);
  }

  remove(path: string): void {
    this.#change(path, (files) => {
      for (const name of files.keys()) {
        if (name === path || name.startsWith(`${path}/`)) files.delete(name);
      }
    });
  }

  async removeLater(path: string): Promise<void> {
    this.remove(path);
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    const copy = Buffer.from(bytes);
    this.#change(path, (files) => files.set(path, { bytes: copy }));
  }

  async settle(): Promise<void> {
    this.#commit();
  }

  #change(path: string, change: (files: Files) => void): void {
    change(this.#visible);
    this.#pending.push({ change, dueStep: this.#dueStep(path) });
    this.#advance();
  }

  #write(path: string, bytes: Uint8Array, position: number): void {
    writeAt(this.#visible, path, bytes, position);
    const dueStep = this.#dueStep(path);
    if (dueStep === 0) {
      writeAt(this.#durable, path, bytes, position);
    } else {
      const copy = Buffer.from(bytes);
      this.#pending.push({ change: (files) => writeAt(files, path, copy, position), dueStep });
    }
    this.#advance();
  }

  #dueStep(path: string): number {
    return this.#lie?.paths.test(path) === true ? this.#step + this.#lie.steps : 0;
  }

  /** What the disk lied about reaches it in the end, and in the order it was asked. */
  #advance(): void {
    this.#step += 1;
    if (this.#lie === undefined) return;
    this.#flush(({ dueStep }) => dueStep > 0 && dueStep <= this.#step);
  }

  #commit(): void {
    this.#flush(({ dueStep }) => dueStep <= this.#step);
  }

  #flush(isDue: (pending: Pending) => boolean): void {
    const waiting: Pending[] = [];
    for (const pending of this.#pending) {
      if (isDue(pending)) pending.change(this.#durable);
      else waiting.push(pending);
    }
    this.#pending = waiting;
  }

  #file(path: string): DiskFile {
    return {
      write: (bytes, position) => {
        this.#write(path, bytes, position);
        return bytes.length;
      },
      truncate: (size) => {
        this.#change(path, (files) => {
          const inode = files.get(path);
          if (inode !== undefined) inode.bytes = inode.bytes.subarray(0, size);
        });
      },
      close: () => undefined,
    };
  }
}

function copyFiles(files: Files): Files {
  return new Map([...files].map(([path, { bytes }]) => [path, { bytes: Buffer.from(bytes) }]));
}

function writeAt(files: Files, path: string, bytes: Uint8Array, position: number): void {
  const inode = files.get(path);
  if (inode === undefined) return;
  const end = position + bytes.length;
  if (end > inode.bytes.length) {
    inode.bytes = Buffer.concat([inode.bytes, Buffer.alloc(end - inode.bytes.length)]);
  }
  inode.bytes.set(bytes, position);
}

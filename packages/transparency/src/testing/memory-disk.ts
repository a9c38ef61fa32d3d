// A disk in memory that loses power the way a journalling filesystem does: synchronous writes
// stay; renames, removals and truncations stay in order, but how many of the latest is chance.

import type { DiskFile, LogDisk } from '../disk/log-disk.ts';

interface Inode {
  bytes: Buffer;
}

/** A change to names or sizes that is visible and may not be durable yet. */
type MetadataChange = (files: Map<string, Inode>) => void;

export class MemoryDisk implements LogDisk {
  /** What a running process sees. */
  #visible = new Map<string, Inode>();
  /** What has surely reached the disk. */
  #durable = new Map<string, Inode>();
  #pending: MetadataChange[] = [];

  /** Power is lost: of what was pending, the first `keep` of 0 to 1 survive. */
  losePower(keep: number): void {
    const survivors = this.#pending.slice(0, Math.round(keep * this.#pending.length));
    for (const change of survivors) change(this.#durable);
    this.#pending = [];
    this.#visible = new Map(
      [...this.#durable].map(([path, { bytes }]) => [path, { bytes: Buffer.from(bytes) }]),
    );
    this.#durable = new Map(
      [...this.#visible].map(([path, { bytes }]) => [path, { bytes: Buffer.from(bytes) }]),
    );
  }

  list(folder: string): string[] {
    const prefix = folder === '.' ? '' : `${folder}/`;
    const names = [...this.#visible.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length).split('/')[0] as string);
    return [...new Set(names)].sort();
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
    this.#change((files) => files.set(path, { bytes: Buffer.alloc(0) }));
    this.#commit();
    return this.#file(path);
  }

  open(path: string): DiskFile {
    if (!this.#visible.has(path)) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    return this.#file(path);
  }

  remove(path: string): void {
    this.#change((files) => {
      for (const name of files.keys()) {
        if (name === path || name.startsWith(`${path}/`)) files.delete(name);
      }
    });
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    this.#change((files) => files.set(path, { bytes: Buffer.from(bytes) }));
  }

  async settle(): Promise<void> {
    this.#commit();
  }

  #change(change: MetadataChange): void {
    change(this.#visible);
    this.#pending.push(change);
  }

  #commit(): void {
    for (const change of this.#pending) change(this.#durable);
    this.#pending = [];
  }

  #file(path: string): DiskFile {
    return {
      write: (bytes, position) => {
        for (const files of [this.#visible, this.#durable]) writeAt(files, path, bytes, position);
        return bytes.length;
      },
      truncate: (size) => {
        this.#change((files) => {
          const inode = files.get(path);
          if (inode !== undefined) inode.bytes = inode.bytes.subarray(0, size);
        });
      },
      close: () => undefined,
    };
  }
}

function writeAt(
  files: Map<string, Inode>,
  path: string,
  bytes: Uint8Array,
  position: number,
): void {
  const inode = files.get(path);
  if (inode === undefined) return;
  const end = position + bytes.length;
  if (end > inode.bytes.length) {
    inode.bytes = Buffer.concat([inode.bytes, Buffer.alloc(end - inode.bytes.length)]);
  }
  inode.bytes.set(bytes, position);
}

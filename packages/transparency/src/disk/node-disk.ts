// The real disk. Node denies fsync and fdatasync under --permission, so durability comes from
// O_SYNC and O_DSYNC: the write itself returns when the bytes are down, with one call fewer.
// A directory cannot be synced at all: see `settle`.

import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DiskFile, LogDisk } from './log-disk.ts';

const { O_RDWR, O_WRONLY, O_CREAT, O_EXCL, O_SYNC, O_DSYNC } = constants;
const PRIVATE_MODE = 0o600;
const PUBLIC_MODE = 0o644;
/** Unfinished files live here, on the same filesystem and outside what is served. */
const UNFINISHED = 'tmp';

/** The disk below an existing folder. Leftovers of an interrupted `replace` are removed. */
export function nodeDisk(folder: string): LogDisk {
  return new NodeDisk(folder);
}

class NodeDisk implements LogDisk {
  readonly #folder: string;
  readonly #made = new Set<string>();
  #unfinished = 0;
  #ready = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  list(folder: string): string[] {
    return absentAs([], () => readdirSync(join(this.#folder, folder)).sort());
  }

  read(path: string): Buffer | undefined {
    return absentAs(undefined, () => readFileSync(join(this.#folder, path)));
  }

  readLater(path: string): Promise<Buffer | undefined> {
    return readFile(join(this.#folder, path)).catch((error: unknown) => {
      if (isAbsent(error)) return undefined;
      throw error;
    });
  }

  makeFolder(path: string): void {
    if (this.#made.has(path)) return;
    mkdirSync(join(this.#folder, path), { recursive: true });
    this.#made.add(path);
  }

  create(path: string): DiskFile {
    const flags = O_RDWR | O_CREAT | O_EXCL | O_SYNC;
    return new NodeFile(openSync(join(this.#folder, path), flags, PRIVATE_MODE));
  }

  open(path: string): DiskFile {
    return new NodeFile(openSync(join(this.#folder, path), O_RDWR | O_DSYNC));
  }

  remove(path: string): void {
    rmSync(join(this.#folder, path), { recursive: true, force: true });
    this.#made.clear();
  }

  async removeLater(path: string): Promise<void> {
    await rm(join(this.#folder, path), { recursive: true, force: true });
    this.#made.clear();
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    const folder = dirname(path);
    if (!this.#made.has(folder)) {
      await mkdir(join(this.#folder, folder), { recursive: true });
      this.#made.add(folder);
    }
    const unfinished = await this.#writeUnfinished(bytes);
    try {
      await rename(unfinished, join(this.#folder, path));
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
  }

  /**
   * Syncing a brand-new file commits the filesystem's journal, and with it every earlier rename
   * (ext4, XFS). On other filesystems an opening log still mends the tiles that its WAL covers from
   * their first entry; of one that the WAL begins within, some older form must be there.
   */
  async settle(): Promise<void> {
    const unfinished = await this.#writeUnfinished(Uint8Array.of(0));
    await rm(unfinished, { force: true });
  }

  async #writeUnfinished(bytes: Uint8Array): Promise<string> {
    this.#readyUnfinished();
    this.#unfinished += 1;
    const path = join(this.#folder, UNFINISHED, String(this.#unfinished));
    const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_SYNC, PUBLIC_MODE);
    try {
      // writeFile goes on after a short write until all is written or an error says why not.
      await file.writeFile(bytes);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return path;
  }

  #readyUnfinished(): void {
    if (this.#ready) return;
    this.remove(UNFINISHED);
    this.makeFolder(UNFINISHED);
    this.#ready = true;
  }
}

class NodeFile implements DiskFile {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(bytes: Uint8Array, position: number): number {
    return writeSync(this.#fd, bytes, 0, bytes.length, position);
  }

  truncate(size: number): void {
    ftruncateSync(this.#fd, size);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function absentAs<Value>(value: Value, job: () => Value): Value {
  try {
    return job();
  } catch (error) {
    if (isAbsent(error)) return value;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

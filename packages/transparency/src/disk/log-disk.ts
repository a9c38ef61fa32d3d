// Everything the notary does to its disk goes through this small interface, so that tests can put
// a full, failing or tearing disk beneath the log. Paths are relative to the notary's folder.

export interface DiskFile {
  /**
   * Writes at `position` and returns once what it wrote is durable. Like pwrite(2) it may write
   * less than it was given; the number of bytes written is returned.
   */
  write(bytes: Uint8Array, position: number): number;
  truncate(size: number): void;
  close(): void;
}

export interface LogDisk {
  /** Names in a folder, sorted; empty when there is no such folder. */
  list(folder: string): string[];
  /** The whole file, or undefined when there is none. */
  read(path: string): Buffer | undefined;
  /** Like `read`, off the append path's thread. */
  readLater(path: string): Promise<Buffer | undefined>;
  makeFolder(path: string): void;
  /** Creates a file that must not exist; each write to it is durable, its name too. */
  create(path: string): DiskFile;
  /** Opens an existing file; each write to it is durable. */
  open(path: string): DiskFile;
  /** Removes a file or a folder with all in it; nothing happens when there is none. */
  remove(path: string): void;
  /** Like `remove`, off the append path's thread: a busy journal makes a removal take long. */
  removeLater(path: string): Promise<void>;
  /** Puts complete, durable bytes at `path` in one step: readers see the old file or the new. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
  /** Returns when the renames made so far have reached the disk. */
  settle(): Promise<void>;
}

/** What reading a log's folder takes. */
export type DiskReader = Pick<LogDisk, 'list' | 'read'>;

/** True for the errors that pass when somebody makes room: ENOSPC, EDQUOT. */
export function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Writes all of `bytes`. @throws what the disk throws, possibly after a part was written */
export function writeAll(file: DiskFile, bytes: Uint8Array, position: number): void {
  let written = file.write(bytes, position);
  while (written < bytes.length) {
    written += file.write(bytes.subarray(written), position + written);
  }
}

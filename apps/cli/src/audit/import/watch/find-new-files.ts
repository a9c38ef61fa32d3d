// Which files of a folder are new and whole. A file is whole when it looks the same at two looks and has
// not been written to for a while; a name that writers use for what is not finished never is. A file is
// known by what it is (device, inode, size, time of the last write), not by its name: renaming makes
// nothing new, and a file that grew is read again.

import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface FoundFile {
  path: string;
  /** Below the folder that is watched. */
  name: string;
  /** The same for as long as nobody writes to it. */
  identity: string;
}

/** What downloads, copies and editors write to before they rename. */
const UNFINISHED = /^[.~]|\.(?:tmp|temp|part|partial|crdownload|download|swp|lock|filepart)$|~$/i;
const DEEPEST_LEVEL = 32;

export interface FolderLook {
  ready: FoundFile[];
  /** New, but still being written, or written to a moment ago. */
  unfinished: number;
}

export class FolderWatch {
  readonly #root: string;
  readonly #settleMs: number;
  /** Path → identity at the last look. */
  #last: ReadonlyMap<string, string> = new Map();

  /** @param settleMs for so long nobody may have written to a file */
  constructor(root: string, settleMs: number) {
    this.#root = root;
    this.#settleMs = settleMs;
  }

  /**
   * @param isKnown whether what has this identity was read already
   * @throws what the system says when the folder itself cannot be listed
   */
  look(nowMs: number, isKnown: (identity: string) => boolean): FolderLook {
    const now = new Map<string, string>();
    const ready: FoundFile[] = [];
    let unfinished = 0;
    for (const { path, stats } of filesBelow(this.#root, 0)) {
      const identity = `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}`;
      if (isKnown(identity)) continue;
      now.set(path, identity);
      const same = this.#last.get(path) === identity;
      // A clock that was set back leaves files of the future: two looks must do.
      const age = nowMs - stats.mtimeMs;
      const quiet = age >= this.#settleMs || age < 0;
      if (same && quiet && stats.size > 0) {
        ready.push({ path, name: relative(this.#root, path), identity });
      } else unfinished += 1;
    }
    this.#last = now;
    return { ready: ready.sort((one, other) => (one.name < other.name ? -1 : 1)), unfinished };
  }
}

function* filesBelow(folder: string, level: number): Generator<{ path: string; stats: Stats }> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    // A folder that went while we looked is no fault; the one that was named is.
    if (level === 0) throw error;
    return;
  }
  for (const entry of entries) {
    if (UNFINISHED.test(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory() && level < DEEPEST_LEVEL) yield* filesBelow(path, level + 1);
    // Links are not followed: a folder can contain itself.
    if (!entry.isFile()) continue;
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() === true) yield { path, stats };
  }
}

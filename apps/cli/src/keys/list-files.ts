// The files under the paths that were named, by name; what cannot be listed is told of, not left
// out. Links are followed where they were named, and nowhere else: a folder can contain itself.

import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cliError } from '../cli-error.ts';

export interface ListedFile {
  /** As it is named to the user. */
  name: string;
  path: string;
  bytes: number;
}

export interface Listing {
  files: ListedFile[];
  /** What is neither a file nor a folder that can be read. */
  unread: { name: string; what: string }[];
}

/** @throws CodedError `wrong_use` when a named path is not there */
export function listFiles(workingFolder: string, paths: readonly string[]): Listing {
  const listing: Listing = { files: [], unread: [] };
  for (const name of paths) {
    const path = resolve(workingFolder, name);
    let stats: Stats;
    try {
      stats = statSync(path);
    } catch (error) {
      throw cliError('wrong_use', `${path} is not there, or cannot be seen.`, error);
    }
    if (stats.isDirectory()) listFolder(listing, name, path);
    // A pipe that was named is to be read: `<(command)` is one.
    else if (stats.isFIFO()) listing.files.push({ name, path, bytes: 0 });
    else add(listing, name, path, stats);
  }
  return listing;
}

function listFolder(listing: Listing, name: string, path: string): void {
  let entries: Dirent[];
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    listing.unread.push({ name, what: (error as Error).message });
    return;
  }
  for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    const inner = { name: join(name, entry.name), path: join(path, entry.name) };
    if (entry.isDirectory()) listFolder(listing, inner.name, inner.path);
    else if (entry.isSymbolicLink())
      listing.unread.push({ name: inner.name, what: 'a link; name it to have it read' });
    else
      try {
        add(listing, inner.name, inner.path, statSync(inner.path));
      } catch (error) {
        listing.unread.push({ name: inner.name, what: (error as Error).message });
      }
  }
}

function add(listing: Listing, name: string, path: string, stats: Stats): void {
  if (stats.isFile()) listing.files.push({ name, path, bytes: stats.size });
  else listing.unread.push({ name, what: 'neither a file nor a folder' });
}

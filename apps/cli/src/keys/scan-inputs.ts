// Scans one input after the other, with a bar for people, and gathers what was found and what could
// not be read.

import { createReadStream } from 'node:fs';
import { type Find, type Finder, scanSource, type Unread } from '@countersign/keyscan';
import type { CliWorld } from '../world.ts';
import { type ListedFile, listFiles } from './list-files.ts';

export interface ScanOutcome {
  /** Files, standard input as one. */
  files: number;
  bytes: number;
  finds: (Find & { path: string })[];
  unread: (Unread & { path: string })[];
  /** Finds beyond those that are listed. */
  unlisted: number;
  /** Where the copy without secrets was written. */
  redacted?: string;
  /** Why no copy was written. */
  notRedacted?: string;
}

const READ_BYTES = 1 << 20;
/** A file of nothing but keys would fill our memory with finds. */
const MOST_FINDS = 100_000;
const STANDARD_INPUT = '-';

export function emptyOutcome(): ScanOutcome {
  return { files: 0, bytes: 0, finds: [], unread: [], unlisted: 0 };
}

/** @throws CodedError `wrong_use` when a path is not there */
export async function scanInputs(
  world: CliWorld,
  paths: readonly string[],
  finders: readonly Finder[],
): Promise<ScanOutcome> {
  const outcome = emptyOutcome();
  const named = paths.filter((path) => path !== STANDARD_INPUT);
  const listing = listFiles(world.workingFolder, named);
  for (const { name, what } of listing.unread)
    outcome.unread.push({ path: name, container: [], reason: 'unreadable', what });
  const total = listing.files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const file of listing.files) await scanFile(world, file, finders, outcome, total);
  if (named.length < paths.length)
    await scanChunks(STANDARD_INPUT, countInput(world), finders, outcome);
  return outcome;
}

/** @param total bytes of all files, for the bar */
export async function scanFile(
  world: CliWorld,
  file: ListedFile,
  finders: readonly Finder[],
  outcome: ScanOutcome,
  total: number,
): Promise<void> {
  const stream = createReadStream(file.path, { highWaterMark: READ_BYTES });
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      world.progress.count('scanning for keys', outcome.bytes + chunk.length, total);
      yield chunk;
    }
  }
  try {
    await scanChunks(file.name, counted(), finders, outcome);
  } catch (error) {
    // The system's refusal to read on; anything else is a bug of ours.
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    outcome.unread.push({
      path: file.name,
      container: [],
      reason: 'unreadable',
      what: error.message,
    });
  }
}

async function* countInput(world: CliWorld): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of world.inputChunks()) {
    bytes += chunk.length;
    world.progress.say(`scanning standard input, ${Math.floor(bytes / 1e6)} MB`);
    yield chunk;
  }
}

async function scanChunks(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  finders: readonly Finder[],
  outcome: ScanOutcome,
): Promise<void> {
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      outcome.bytes += chunk.length;
      yield chunk;
    }
  }
  outcome.files += 1;
  await scanSource(counted(), {
    finders,
    onFind: (find) => {
      if (outcome.finds.length < MOST_FINDS) outcome.finds.push({ ...find, path });
      else outcome.unlisted += 1;
    },
    onUnread: (unread) => {
      if (outcome.unread.length < MOST_FINDS) outcome.unread.push({ ...unread, path });
    },
  });
}

// The records of the files, folders and standard input that were named, one after the other, with a
// bar for people. What cannot be read is told of with file and line, and the next file is read.

import { createReadStream } from 'node:fs';
import { type ReadProblem, type ReadRecord, readRecords } from '@countersign/sources';
import { type ListedFile, listFiles } from '../../keys/list-files.ts';
import type { CliWorld } from '../../world.ts';

const READ_BYTES = 1 << 18;
const STANDARD_INPUT = '-';
const MOST_SHOWN = 200;

export interface InputTally {
  files: number;
  bytes: number;
  records: number;
  /** The first two hundred. */
  problems: ReadProblem[];
  /** Of every kind, also those that are not shown. */
  problemCounts: Record<string, number>;
  /** Places where something could not be kept. */
  lost: number;
}

export function emptyTally(): InputTally {
  return { files: 0, bytes: 0, records: 0, problems: [], problemCounts: {}, lost: 0 };
}

/** @throws CodedError `wrong_use` when a path is not there */
export async function* readInputs(
  world: CliWorld,
  paths: readonly string[],
  tally: InputTally,
): AsyncGenerator<ReadRecord> {
  const named = paths.filter((path) => path !== STANDARD_INPUT);
  const listing = listFiles(world.workingFolder, named);
  const onProblem = (problem: ReadProblem): void => note(tally, problem);
  for (const { name, what } of listing.unread) onProblem(unreadable(name, what));
  const total = listing.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const count = (bytes: number): void => {
    tally.bytes += bytes;
    world.progress.count(`importing, ${tally.records} records`, tally.bytes, total);
  };
  for (const file of listing.files) {
    tally.files += 1;
    try {
      yield* counted(tally, readRecords(chunksOf(file, count), { name: file.name, onProblem }));
    } catch (error) {
      // The system's refusal to read on; anything else is a bug of ours.
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      onProblem(unreadable(file.name, error.message));
    }
  }
  if (named.length === paths.length) return;
  tally.files += 1;
  yield* counted(tally, readRecords(world.inputChunks(), { name: STANDARD_INPUT, onProblem }));
}

async function* counted(
  tally: InputTally,
  records: AsyncIterable<ReadRecord>,
): AsyncGenerator<ReadRecord> {
  for await (const record of records) {
    tally.records += 1;
    yield record;
  }
}

async function* chunksOf(
  { path }: ListedFile,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path, { highWaterMark: READ_BYTES });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    count(chunk.length);
    yield chunk;
  }
}

function note(tally: InputTally, problem: ReadProblem): void {
  tally.problemCounts[problem.code] = (tally.problemCounts[problem.code] ?? 0) + 1;
  if (!problem.kept) tally.lost += 1;
  if (tally.problems.length < MOST_SHOWN) tally.problems.push(problem);
}

function unreadable(file: string, message: string): ReadProblem {
  return { file, line: 0, code: 'not_readable', message, kept: false };
}

// Files of any recognised shape → activities for matching: our own exported events as they are, all
// others through the sources' maps. In constant memory, with a bar; what cannot be read is told.

import { createReadStream } from 'node:fs';
import { type Activity, readOwnEvent, streamOf, withHashes } from '@countersign/matching';
import {
  type MappedRecord,
  type ReadProblem,
  RecordMapper,
  readRecords,
  type SourceName,
} from '@countersign/sources';
import { type ListedFile, listFiles } from '../keys/list-files.ts';
import type { CliWorld } from '../world.ts';

export interface ReadTally {
  files: number;
  records: number;
  /** Records of no known kind. */
  unmapped: number;
  /** By source: `countersign` for our own events. */
  sources: Record<string, number>;
  problems: ReadProblem[];
  /** Problems beyond those that are listed. */
  moreProblems: number;
}

export interface Told {
  activity: Activity;
  recognised: boolean;
}

export interface ReadActivitiesOptions {
  paths: readonly string[];
  /** Taken for records that nothing recognises. */
  source?: SourceName;
  /** What the bar says. */
  doing: string;
  tally: ReadTally;
  /** Looks at each record first; true when it took it. */
  take?(record: unknown, at: string): boolean;
}

const MOST_PROBLEMS = 200;
const READ_BYTES = 1 << 18;
const STANDARD_INPUT = '-';

export function emptyTally(): ReadTally {
  return { files: 0, records: 0, unmapped: 0, sources: {}, problems: [], moreProblems: 0 };
}

/** @throws CodedError `wrong_use` when a path is not there */
export async function* readActivities(
  world: CliWorld,
  { paths, source, doing, tally, take }: ReadActivitiesOptions,
): AsyncGenerator<Told> {
  const listing = listFiles(
    world.workingFolder,
    paths.filter((path) => path !== STANDARD_INPUT),
  );
  const tell = (problem: ReadProblem): void => {
    if (tally.problems.length < MOST_PROBLEMS) tally.problems.push(problem);
    else tally.moreProblems += 1;
  };
  for (const { name, what } of listing.unread) tell(unreadable(name, what));
  const total = listing.files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const count = (bytes: number): void => {
    done += bytes;
    world.progress.count(doing, done, total);
  };
  for (const file of listing.files) {
    tally.files += 1;
    try {
      yield* readOne(file.name, countedFile(file, count), { source, tally, tell, take });
    } catch (error) {
      // The system's refusal to read on; anything else is a bug of ours.
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      tell(unreadable(file.name, error.message));
    }
  }
  if (!paths.includes(STANDARD_INPUT)) return;
  tally.files += 1;
  yield* readOne(STANDARD_INPUT, world.inputChunks(), { source, tally, tell, take });
}

async function* countedFile(
  { path }: ListedFile,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path, { highWaterMark: READ_BYTES });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    count(chunk.length);
    yield chunk;
  }
}

interface Reading {
  source: SourceName | undefined;
  tally: ReadTally;
  tell(problem: ReadProblem): void;
  take: ReadActivitiesOptions['take'] | undefined;
}

async function* readOne(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  { source, tally, tell, take }: Reading,
): AsyncGenerator<Told> {
  const mapper = new RecordMapper(source);
  const count = (of: string): void => {
    tally.sources[of] = (tally.sources[of] ?? 0) + 1;
  };
  for await (const { record, file, line } of readRecords(chunks, { name, onProblem: tell })) {
    const at = `${file}:${line}`;
    tally.records += 1;
    if (take?.(record, at) === true) continue;
    const own = readOwnEvent(record, at);
    if (own !== undefined) {
      count(own.source);
      yield { activity: own, recognised: true };
      continue;
    }
    const { source: found, events } = mapper.map(record);
    count(found);
    for (const event of events) {
      if (!event.recognised) tally.unmapped += 1;
      yield { activity: activityOf(found, event, at), recognised: event.recognised };
    }
  }
}

function activityOf(
  source: string,
  { key, timeMs, ocsf, facts }: MappedRecord,
  at: string,
): Activity {
  const metadata = ocsf['metadata'] as Record<string, unknown> | undefined;
  const stream = streamOf(source, facts.kind, metadata?.['log_name']);
  return withHashes({
    ...{ at, source, key, timeMs, facts },
    ...(stream === undefined ? {} : { stream }),
  });
}

function unreadable(file: string, message: string): ReadProblem {
  return { file, line: 0, code: 'not_readable', message, kept: false };
}

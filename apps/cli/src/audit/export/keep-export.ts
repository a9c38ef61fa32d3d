// Writes an export into a file. A connection that ends early costs nothing: the half row is cut off and
// the export goes on behind the last whole one, in this run or in a later one.

import { open, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isCodedError } from '@countersign/vocabulary';
import { cliError } from '../../cli-error.ts';
import type { Progress } from '../../terminal/show-progress.ts';
import { RowCounter } from './count-rows.ts';
import { type ExportQuestion, fetchExport } from './fetch-export.ts';

const TRIES = 6;
const FIRST_PAUSE_MS = 500;
/** Only the owner reads it: it is about people. */
const FILE_MODE = 0o600;

type File = Awaited<ReturnType<typeof open>>;

export interface KeptExport {
  from: number;
  to: number;
  /** Events written by this run; null where only the file itself knows. */
  events: number | null;
  bytes: number;
  /** Times the connection was lost, and the export went on. */
  resumed: number;
}

export interface WholeOptions extends ExportQuestion {
  path: string;
  progress: Progress;
}

export interface KeepOptions extends WholeOptions {
  format: 'ndjson' | 'csv';
  /** Goes on with what is in the file. */
  resume: boolean;
}

/** @throws CodedError `wrong_use`, `file_unreadable`, `server_unreachable`, `server_refused` */
export async function keepExport(options: KeepOptions): Promise<KeptExport> {
  const file = await openFile(options);
  try {
    const counter = new RowCounter(options.format);
    if (options.resume) await readBack(file, counter);
    return await writeOn(file, counter, options);
  } finally {
    await file.close();
  }
}

/** A file that is of no use unless it is whole: when it is cut short, it is removed. */
export async function keepWhole(options: WholeOptions): Promise<KeptExport> {
  const file = await openFile({ ...options, resume: false });
  let bytes = 0;
  try {
    const { from, to, chunks } = await fetchExport(options);
    for await (const chunk of chunks) {
      await file.write(chunk);
      bytes += chunk.length;
      options.progress.say(`taking events out, ${(bytes / 1_048_576).toFixed(1)} MiB`);
    }
    await file.sync();
    return { from, to, events: null, bytes, resumed: 0 };
  } catch (error) {
    await rm(options.path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function writeOn(file: File, counter: RowCounter, options: KeepOptions): Promise<KeptExport> {
  const before = counter.rows;
  const given = Number(options.parameters['from'] ?? 1);
  const range = {
    from: Math.max(given, counter.lastNumber + 1),
    to: undefined as number | undefined,
  };
  for (let attempt = 1, resumed = 0; ; ) {
    const from = Math.max(given, counter.lastNumber + 1);
    try {
      const to = range.to === undefined ? {} : { to: String(range.to) };
      const head = counter.headSeen ? 'false' : 'true';
      const parameters = { ...options.parameters, from: String(from), head, ...to };
      const answer = await fetchExport({ ...options, parameters });
      range.to ??= answer.to;
      for await (const chunk of answer.chunks) {
        counter.add(chunk);
        await file.write(chunk);
        attempt = 1;
        options.progress.count(
          'taking events out',
          counter.lastNumber - range.from + 1,
          range.to - range.from + 1,
        );
      }
      await file.sync();
      const events = counter.rows - before;
      return { from: range.from, to: range.to, events, bytes: counter.wholeBytes, resumed };
    } catch (error) {
      await cutBack(file, counter);
      if (!isPassing(error) || attempt >= TRIES) throw error;
      await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      attempt += 1;
      resumed += 1;
    }
  }
}

function isPassing(error: unknown): boolean {
  if (!isCodedError(error)) return false;
  if (error.code === 'server_unreachable') return true;
  return error.code === 'server_refused' && /\((?:429|503)\)/.test(error.message);
}

async function readBack(file: File, counter: RowCounter): Promise<void> {
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) {
    counter.add(chunk as Buffer);
  }
  await cutBack(file, counter);
}

async function cutBack(file: File, counter: RowCounter): Promise<void> {
  counter.cut();
  await file.truncate(counter.wholeBytes);
}

async function openFile({ path, resume }: Pick<KeepOptions, 'path' | 'resume'>): Promise<File> {
  try {
    // Appending: what is written lands at the end, wherever that is after a cut.
    return await open(path, resume ? 'a+' : 'ax', FILE_MODE);
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const message = exists
      ? `${path} exists. Name another file, or go on with it: --resume.`
      : `${path} cannot be written.`;
    throw cliError(exists ? 'wrong_use' : 'file_unreadable', message, error);
  }
}

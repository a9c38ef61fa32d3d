// `countersign audit import --watch`: looks at a folder again and again, as one that `aws s3 sync` or a
// log shipper fills, and brings each file in once it is whole.

import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isCodedError } from '@countersign/vocabulary';
import type { Answer } from '../../../answer/answer.ts';
import { cliError } from '../../../cli-error.ts';
import { printable } from '../../../terminal/paint.ts';
import type { CliWorld } from '../../../world.ts';
import { emptyTally, readInputs } from '../read-inputs.ts';
import { RecordSender, type SendOptions } from '../send-records.ts';
import { FolderWatch, type FoundFile } from './find-new-files.ts';
import { FileMemory } from './remember-files.ts';

export interface WatchImportOptions {
  /** Where the files that were read are kept in mind. */
  state: string;
  everyMs: number;
  settleMs: number;
  send: SendOptions;
  json: boolean;
}

/** What one file was. */
interface Brought {
  file: string;
  records: number;
  recorded: number;
  known: number;
  unmapped: number;
  unreadable: number;
}

export async function watchImports(
  world: CliWorld,
  folder: string,
  options: WatchImportOptions,
): Promise<Answer> {
  const root = resolve(world.workingFolder, folder);
  const memory = FileMemory.open(resolve(world.workingFolder, options.state));
  const watch = new FolderWatch(root, options.settleMs);
  const ending = new AbortController();
  void world.untilStopped().then(() => ending.abort());
  const sums = { files: 0, records: 0, recorded: 0, known: 0, unmapped: 0, unreadable: 0 };
  while (!ending.signal.aborted) {
    for (const found of lookAt(watch, root, memory)) {
      if (ending.signal.aborted) break;
      const brought = await bringIn(world, found, options.send);
      // Gone, or not to be read just now: it is looked at again.
      if (brought === undefined) continue;
      memory.keep(found);
      sums.files += 1;
      for (const name of ['records', 'recorded', 'known', 'unmapped', 'unreadable'] as const) {
        sums[name] += brought[name];
      }
      world.out(options.json ? `${JSON.stringify(brought)}\n` : `  ${describe(brought)}\n`);
    }
    // An aborted wait is a wait that is over.
    await sleep(options.everyMs, undefined, { signal: ending.signal }).catch(() => {});
  }
  return {
    ok: sums.unreadable === 0,
    json: { command: 'audit import', ok: sums.unreadable === 0, watched: folder, ...sums },
    lines: () => [`  ${sums.files} files, ${sums.recorded} events recorded, ${sums.known} known`],
  };
}

function lookAt(watch: FolderWatch, root: string, memory: FileMemory): FoundFile[] {
  try {
    return watch.look(Date.now(), (identity) => memory.has(identity)).ready;
  } catch (error) {
    throw cliError('file_unreadable', `${root} cannot be listed.`, error);
  }
}

/** Undefined when the file went away or cannot be opened. */
async function bringIn(
  world: CliWorld,
  { path, name }: FoundFile,
  send: SendOptions,
): Promise<Brought | undefined> {
  const tally = emptyTally();
  const sender = new RecordSender(send);
  try {
    for await (const record of readInputs(world, [path], tally)) await sender.add(record);
    if (tally.problems.some(({ code }) => code === 'not_readable')) return undefined;
    await sender.finish(tally.lost);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    // It was named and was not there any more.
    if (error.code === 'wrong_use') return undefined;
    // A server that is away comes back; one that refuses us does not change its mind.
    if (error.code !== 'server_unreachable') throw error;
    world.err(`countersign: ${printable(error.message)} ${printable(name)} is tried again.\n`);
    return undefined;
  }
  const { recorded, known, unmapped } = sender.sums;
  return { file: name, records: tally.records, recorded, known, unmapped, unreadable: tally.lost };
}

function describe({ file, records, recorded, known, unreadable }: Brought): string {
  const lost = unreadable === 0 ? '' : `, ${unreadable} could not be read`;
  return `${printable(file)}: ${records} records, ${recorded} events recorded, ${known} known${lost}`;
}

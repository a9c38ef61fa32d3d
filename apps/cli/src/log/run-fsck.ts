// Runs the notary's check of a log folder as a process of its own, which may read that folder and
// its own sources and can change nothing: this command has no business with a log's inside.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';

/** One thing that is wrong, or was left by a crash. */
export interface FsckFinding {
  what: string;
  path: string;
  index?: number;
  offset?: number;
  expected?: string;
  found?: string;
  message: string;
}

export interface FsckReport {
  sound: boolean;
  origin: string;
  entries: number;
  shownSize: number;
  walEntries: number;
  tiles: number;
  difference?: FsckFinding;
  remarks: FsckFinding[];
}

export interface FsckResult {
  seconds: number;
  report: FsckReport;
}

const REPOSITORY = join(import.meta.dirname, '../../../..');
const SCRIPT = join(REPOSITORY, 'apps/notary/src/fsck.ts');
const ROOMS = ['vocabulary', 'verifier', 'pipe', 'transparency'];
const WRONG_USE = 2;
const LONGEST_COMPLAINT = 4000;

/** @throws CodedError `file_unreadable`; `log_unproven` when the check itself does not end well */
export async function runFsck(folder: string, world: CliWorld): Promise<FsckResult> {
  const path = resolve(world.workingFolder, folder);
  if (!existsSync(path)) throw cliError('file_unreadable', `There is no folder ${path}.`);
  if (!existsSync(SCRIPT)) {
    const message = 'The check of a log comes with the repository, and this copy has none.';
    throw cliError('file_unreadable', message);
  }
  const readable = [
    path,
    join(REPOSITORY, 'package.json'),
    join(REPOSITORY, 'apps/notary'),
    ...ROOMS.flatMap((room) => [
      join(REPOSITORY, 'packages', room),
      join(REPOSITORY, 'node_modules/@countersign', room),
    ]),
  ];
  const flags = ['--permission', ...readable.map((name) => `--allow-fs-read=${name}`)];
  const child = spawn(process.execPath, [...flags, SCRIPT, '--folder', path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {},
  });
  let result: FsckResult | undefined;
  let complaint = '';
  createInterface({ input: child.stdout }).on('line', (text) => {
    // Our own program says these lines, and its test holds it to their shapes.
    const said = JSON.parse(text) as
      | { line: 'progress'; done: number; total: number }
      | ({ line: 'result' } & FsckResult);
    if (said.line === 'progress') world.progress.count('checking the log', said.done, said.total);
    else result = { seconds: said.seconds, report: said.report };
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-LONGEST_COMPLAINT);
  });
  const code = await new Promise<number | null>((done, fail) => {
    child.on('error', fail);
    // `close`, not `exit`: the last lines may still be in the pipe when the process is gone.
    child.on('close', done);
  });
  if (code === WRONG_USE) throw cliError('file_unreadable', complaint.trim());
  if (result !== undefined) return result;
  throw cliError(
    'log_unproven',
    `The check ended (${code}) without a result.\n${complaint}`.trim(),
  );
}

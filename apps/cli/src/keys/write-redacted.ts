// Writes a copy with zeros in place of the secrets. The copy is scanned as well and gets its name
// only when it is clean, so that no half-cleaned file can be taken for a clean one.

import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type Finder, redact } from '@countersign/keyscan';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';
import { listFiles } from './list-files.ts';
import { emptyOutcome, type ScanOutcome, scanFile } from './scan-inputs.ts';

const COPY_BYTES = 1 << 20;
const OWNER_ONLY = 0o600;

/**
 * @param out absolute path of the copy; must not exist
 * @throws CodedError `wrong_use`, `file_unreadable`
 */
export async function writeRedacted(
  world: CliWorld,
  input: string,
  out: string,
  finders: readonly Finder[],
): Promise<ScanOutcome> {
  if (statSync(out, { throwIfNoEntry: false }) !== undefined)
    throw cliError('file_unreadable', `--redact: ${out} exists.`);
  const copy = `${out}.${process.pid}.unchecked`;
  const spool = `${out}.${process.pid}.unredacted`;
  try {
    const source = input === '-' ? await keepInput(world, spool) : singleFile(world, input);
    const outcome = await scanPath(world, input, source, finders);
    outcome.notRedacted = whyNot(outcome);
    if (outcome.notRedacted !== undefined) return outcome;
    writeCopy(source, copy, outcome);
    const check = await scanPath(world, input, copy, finders);
    if (check.finds.length > 0 || check.unread.length > 0)
      outcome.notRedacted = 'The copy is not clean: the input changes while it is read.';
    else {
      linkSync(copy, out);
      outcome.redacted = out;
    }
    return outcome;
  } finally {
    rmSync(copy, { force: true });
    rmSync(spool, { force: true });
  }
}

function whyNot({ finds, unlisted, unread }: ScanOutcome): string | undefined {
  if (unread.length > 0) return 'Not all of it could be read: no copy of it can be called clean.';
  if (finds.some(({ container }) => container.length > 0))
    return 'A key lies inside a container, where nothing can be zeroed: unpack it and scan its files.';
  return unlisted > 0 ? 'There are more keys than can be kept in mind.' : undefined;
}

async function scanPath(
  world: CliWorld,
  name: string,
  path: string,
  finders: readonly Finder[],
): Promise<ScanOutcome> {
  const outcome = emptyOutcome();
  const { size } = statSync(path);
  await scanFile(world, { name, path, bytes: size }, finders, outcome, size);
  return outcome;
}

function singleFile(world: CliWorld, input: string): string {
  const { files } = listFiles(world.workingFolder, [input]);
  const [only] = files;
  if (only === undefined || only.name !== input)
    throw cliError('wrong_use', '--redact writes one copy: give one file, or -.');
  return only.path;
}

/** What cannot be read twice is kept for a moment, for its owner alone. */
async function keepInput(world: CliWorld, spool: string): Promise<string> {
  const file = createFile(spool);
  try {
    for await (const chunk of world.inputChunks()) writeFileSync(file, chunk);
  } finally {
    closeSync(file);
  }
  return spool;
}

function writeCopy(source: string, copy: string, { finds }: ScanOutcome): void {
  const from = openSync(source, 'r');
  const file = createFile(copy);
  try {
    const buffer = Buffer.allocUnsafe(COPY_BYTES);
    for (let at = 0; ; ) {
      const chunk = buffer.subarray(0, readSync(from, buffer));
      if (chunk.length === 0) break;
      redact(chunk, at, finds);
      writeFileSync(file, chunk);
      at += chunk.length;
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
    closeSync(from);
  }
}

function createFile(path: string): number {
  try {
    return openSync(path, 'wx', OWNER_ONLY);
  } catch (error) {
    throw cliError('file_unreadable', `--redact: ${path} cannot be written.`, error);
  }
}

// Whether a file can be written where it is wanted, asked before minutes are spent on what goes into it.

import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';

/** @throws CodedError `file_unreadable`, in the words of `writeNewFile` */
export function checkNewFile(world: CliWorld, option: string, file: string | undefined): void {
  if (file === undefined) return;
  const path = resolve(world.workingFolder, file);
  const refuse = (cause?: unknown): Error =>
    cliError('file_unreadable', `${option}: ${path} cannot be written, or exists.`, cause);
  if (existsSync(path)) throw refuse();
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw refuse(error);
  }
}

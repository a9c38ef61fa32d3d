// What a command was told to keep goes to a new file: one that is there is somebody's already.

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';

/** @returns the absolute path, undefined when no file was named; @throws CodedError `file_unreadable` */
export function writeNewFile(
  world: CliWorld,
  option: string,
  file: string | undefined,
  content: string | Uint8Array,
  /** Default: as the user has it. 0o600 for what is about somebody. */
  mode = 0o666,
): string | undefined {
  if (file === undefined) return undefined;
  const path = resolve(world.workingFolder, file);
  try {
    writeFileSync(path, content, { flag: 'wx', mode });
  } catch (error) {
    throw cliError('file_unreadable', `${option}: ${path} cannot be written, or exists.`, error);
  }
  return path;
}

// A credential is shown once. Where it goes is opened before it is made: a name is never given twice,
// and a credential that could not be written would be a name lost.

import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';

/**
 * Has a credential made and writes it to a new file that only its owner can read.
 * @returns what `make` answered, and the absolute path
 * @throws CodedError `file_unreadable`, before anything is made; or what `make` threw, leaving no file
 */
export async function keepCredential<T extends { credential: string }>(
  world: CliWorld,
  file: string,
  make: () => Promise<T>,
): Promise<T & { path: string }> {
  const path = resolve(world.workingFolder, file);
  const descriptor = open(path);
  try {
    const made = await make();
    writeSync(descriptor, `${made.credential}\n`);
    fsyncSync(descriptor);
    return { ...made, path };
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    throw cliError('file_unreadable', `--out: ${path} cannot be written, or exists.`, error);
  }
}

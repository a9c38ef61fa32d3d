// What a scan looks for: keys in any standard form always, our live keys when files tell of them.

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  allFinders,
  type Finder,
  memoryFinder,
  parseFingerprints,
  publicKeyFinder,
} from '@countersign/keyscan';
import { isCodedError } from '@countersign/vocabulary';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';

const LONGEST_FILE_BYTES = 64 * 1024 * 1024;

/** @throws CodedError `file_unreadable` */
export function readFinders(
  world: CliWorld,
  { fingerprints = [], keys }: { fingerprints?: string | readonly string[]; keys?: string },
): Finder[] {
  const known = [fingerprints]
    .flat()
    .map((file) =>
      readBy(world, '--fingerprints', file, (text) => memoryFinder(parseFingerprints(text))),
    );
  const finders = allFinders(known);
  if (keys !== undefined) finders.push(readBy(world, '--keys', keys, publicKeyFinder));
  return finders;
}

function readBy(
  world: CliWorld,
  option: string,
  file: string,
  parse: (text: string) => Finder,
): Finder {
  const path = resolve(world.workingFolder, file);
  let text: string;
  try {
    if (statSync(path).size > LONGEST_FILE_BYTES) throw new RangeError('The file is too long.');
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw cliError('file_unreadable', `${option}: ${path} cannot be read.`, error);
  }
  try {
    return parse(text);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw cliError('file_unreadable', `${option}: ${path}: ${error.message}`, error);
  }
}

// The tag key comes from a file, like every secret: arguments can be read by all of the machine.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FormatError, parseTenantTagKey, type TenantTagKey } from '@countersign/verifier';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';

/** @throws CodedError `file_unreadable` */
export function readTagKey(world: CliWorld, file: string): TenantTagKey {
  const path = resolve(world.workingFolder, file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw cliError('file_unreadable', `--tag-key-file: ${path} cannot be read.`, error);
  }
  try {
    return parseTenantTagKey(text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw cliError('file_unreadable', `--tag-key-file: ${path}: ${error.message}`, error);
  }
}

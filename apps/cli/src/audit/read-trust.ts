// What a user believes from elsewhere: the policy of logs and witnesses, and anchors kept earlier.

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type AnchorProof, parseAnchorProof } from '@countersign/trail';
import { FormatError, parseTlogPolicy, type TlogPolicy } from '@countersign/verifier';
import { isCodedError } from '@countersign/vocabulary';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';

const LONGEST_FILE_BYTES = 4 * 1024 * 1024;

/** @throws CodedError `file_unreadable`, `wrong_use` */
export function readPolicy(world: CliWorld, file: string): TlogPolicy {
  const text = readText(world, '--policy', file);
  let policy: TlogPolicy;
  try {
    policy = parseTlogPolicy(text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw cliError('file_unreadable', `--policy: ${file}: ${error.message}`, error);
  }
  if (policy.logs.length > 0) return policy;
  throw cliError('wrong_use', '--policy: the policy names no log: there is nobody to believe.');
}

/** @throws CodedError `file_unreadable` */
export function readPin(world: CliWorld, file: string): AnchorProof {
  try {
    return parseAnchorProof(readText(world, '--pin', file));
  } catch (error) {
    if (!isCodedError(error) || error.code !== 'trail_malformed') throw error;
    throw cliError('file_unreadable', `--pin: ${file}: ${error.message}`, error);
  }
}

function readText(world: CliWorld, option: string, file: string): string {
  const path = resolve(world.workingFolder, file);
  try {
    if (statSync(path).size <= LONGEST_FILE_BYTES) return readFileSync(path, 'utf8');
  } catch (error) {
    throw cliError('file_unreadable', `${option}: ${path} cannot be read.`, error);
  }
  throw cliError('file_unreadable', `${option}: ${path} is too large to be that.`);
}

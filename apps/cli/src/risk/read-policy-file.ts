// A policy of risk from a file, checked here before any server is asked.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DETECTOR_CODES, parsePolicy, type RiskPolicy } from '@countersign/risk';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';

/** @throws CodedError `wrong_use` with the place, `file_unreadable` */
export function readPolicyFile(world: CliWorld, file: string): RiskPolicy {
  const path = resolve(world.workingFolder, file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw cliError('file_unreadable', `${path} cannot be read.`, error);
  }
  try {
    return parsePolicy(JSON.parse(text), { detections: DETECTOR_CODES });
  } catch (error) {
    const why = error instanceof Error ? error.message : 'not understood';
    throw cliError('wrong_use', `${path}: ${why}`, error);
  }
}

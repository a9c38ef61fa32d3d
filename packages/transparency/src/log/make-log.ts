// Makes a new log: keys, an empty head, and last the file that declares the folder whole.

import { EMPTY_ROOT } from '@countersign/verifier';
import type { LogDisk } from '../disk/log-disk.ts';
import {
  type LogIdentity,
  type LogKeys,
  makeKeys,
  type NewIdentity,
  sealIdentity,
} from '../identity/log-identity.ts';
import { createHead } from './head-file.ts';
import { ignoreSteps, type OnStep } from './protocol-step.ts';
import { signCheckpoint } from './sign-note.ts';

/** The folder must be empty. @throws CodedError `origin_malformed`, `key_unreadable` */
export function makeLog(
  disk: LogDisk,
  wanted: NewIdentity,
  onStep: OnStep = ignoreSteps,
): { identity: LogIdentity; keys: LogKeys } {
  const { origin, createdMs } = wanted;
  onStep('make.begun');
  const keys = makeKeys(disk, wanted, () => onStep('make.key-durable'));
  const note = signCheckpoint(keys, origin, 0, EMPTY_ROOT);
  createHead(disk, { sequence: 0, epoch: 0, size: 0, timeMs: createdMs, root: EMPTY_ROOT, note });
  onStep('make.head-durable');
  const identity = sealIdentity(disk, wanted, keys);
  onStep('make.sealed');
  return { identity, keys };
}

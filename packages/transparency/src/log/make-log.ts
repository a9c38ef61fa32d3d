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
import { signCheckpoint } from './sign-note.ts';

/** The folder must be empty. @throws CodedError `origin_malformed`, `key_unreadable` */
export function makeLog(
  disk: LogDisk,
  wanted: NewIdentity,
): { identity: LogIdentity; keys: LogKeys } {
  const { origin, createdMs } = wanted;
  const keys = makeKeys(disk, wanted);
  const note = signCheckpoint(keys.checkpoint, origin, 0, EMPTY_ROOT);
  createHead(disk, { sequence: 0, epoch: 0, size: 0, timeMs: createdMs, root: EMPTY_ROOT, note });
  return { identity: sealIdentity(disk, wanted, keys), keys };
}

// The folders of a gate. What comes in belongs to strangers; everything behind it is the gate's alone,
// on one disk with the quarantine, so that moving a file there is one step.

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { holdFolder } from '@countersign/watchers';
import { cliError } from '../../cli-error.ts';
import type { CliWorld } from '../../world.ts';

export interface GateFolders {
  inbox: string;
  released: string;
  quarantine: string;
  /** Copies that are being looked at; emptied at each start. */
  work: string;
  /** What is decided and not yet on the server's record. */
  outbox: string;
  release(): void;
}

const GATE_FOLDER = '.gate';
const OWNER_ONLY = 0o700;

/** @throws CodedError `wrong_use`, `folder_locked` */
export function openGateFolders(
  { workingFolder }: Pick<CliWorld, 'workingFolder'>,
  named: { inbox: string; released: string; quarantine: string },
): GateFolders {
  const inbox = openFolder(resolve(workingFolder, named.inbox), '--inbox', false);
  const released = openFolder(resolve(workingFolder, named.released), '--released', true);
  const quarantine = openFolder(resolve(workingFolder, named.quarantine), '--quarantine', true);
  const all = [inbox, released, quarantine];
  for (const one of all)
    if (all.some((other) => other !== one && `${one}${sep}`.startsWith(`${other}${sep}`)))
      throw cliError('wrong_use', `${one}: none of the three folders may be in another.`);
  if (new Set(all).size < all.length)
    throw cliError('wrong_use', 'Give three different folders: in, released, quarantine.');
  const others = statSync(quarantine).mode & 0o077;
  if (others !== 0)
    throw cliError('wrong_use', `--quarantine: others may enter ${quarantine}: chmod 700 it.`);
  const work = join(quarantine, GATE_FOLDER, 'work');
  const outbox = join(quarantine, GATE_FOLDER, 'outbox');
  for (const folder of [work, outbox]) mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
  const lock = holdFolder(join(quarantine, GATE_FOLDER));
  // Copies only: whatever they were of still stands where it came from, or has reached its place.
  for (const name of readdirSync(work)) rmSync(join(work, name), { force: true });
  return { inbox, released, quarantine, work, outbox, release: () => lock.release() };
}

function openFolder(path: string, option: string, make: boolean): string {
  try {
    if (make) mkdirSync(path, { recursive: true, mode: OWNER_ONLY });
    const real = realpathSync(path);
    if (!statSync(real).isDirectory()) throw new TypeError('It is no folder.');
    return real;
  } catch (error) {
    throw cliError('wrong_use', `${option}: ${path} is no folder that can be used.`, error);
  }
}

export function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

// What the gate looks for, as of now: signers make keys while it runs, and a dump may hold one that was
// made a moment ago.

import { type BigIntStats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Finder } from '@countersign/keyscan';
import { cliError } from '../../cli-error.ts';
import type { CliWorld } from '../../world.ts';
import { readFinders } from '../read-finders.ts';

export interface FreshFinders {
  /** @throws CodedError `file_unreadable`; then nothing may pass */
  read(): readonly Finder[];
  /** True when there is something new to look for since `read`. */
  areStale(): boolean;
}

export function freshFinders(
  world: CliWorld,
  { fingerprints, keys }: { fingerprints: readonly string[]; keys?: string },
): FreshFinders {
  const files = [...fingerprints, ...(keys === undefined ? [] : [keys])];
  let finders: readonly Finder[] | undefined;
  let readAs = '';
  const identity = (): string =>
    files
      .map((file) => {
        const path = resolve(world.workingFolder, file);
        const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
        if (stats === undefined) throw cliError('file_unreadable', `${path} cannot be read.`);
        return describe(stats);
      })
      .join();
  return {
    read: () => {
      const now = identity();
      if (finders === undefined || now !== readAs) {
        finders = readFinders(world, { fingerprints, ...(keys === undefined ? {} : { keys }) });
        readAs = now;
      }
      return finders;
    },
    areStale: () => identity() !== readAs,
  };
}

function describe({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

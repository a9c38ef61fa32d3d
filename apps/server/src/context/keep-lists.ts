// The lists of networks that the settings name: read at the start, where a bad one stops it, and again
// whenever a file changes. What cannot be read later is told, and the list before stays in use.

import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import {
  joinLists,
  LIST_LIMITS,
  type NamedList,
  type NetworkLists,
  readList,
} from '@countersign/context';
import { CodedError, isCodedError } from '@countersign/vocabulary';
import type { Logger } from 'pino';
import type { ListSettings } from '../settings/read-lists.ts';

export interface KeptLists {
  now(): NetworkLists;
  /** Looks at the files, and reads those that changed. */
  look(): void;
  close(): void;
}

const LOOK_EVERY_MS = 60_000;
const DAY_MS = 86_400_000;

interface Kept {
  settings: ListSettings;
  /** Of the file: when it changed, and how large it is. */
  seen: string;
  named: NamedList;
}

/** @throws CodedError `bad_setting` with the file, the line and what is wrong with it */
export function keepLists(
  settings: readonly ListSettings[],
  log: Pick<Logger, 'error'>,
): KeptLists {
  const kept = settings.map((one) => open(one));
  let joined = joinLists(kept.map(({ named }) => named));
  const look = (): void => {
    let changed = false;
    for (const one of kept) changed = follow(one, log) || changed;
    if (changed) joined = joinLists(kept.map(({ named }) => named));
  };
  const timer = kept.length === 0 ? undefined : setInterval(look, LOOK_EVERY_MS);
  timer?.unref();
  return { now: () => joined, look, close: () => clearInterval(timer) };
}

function open(settings: ListSettings): Kept {
  try {
    return { settings, seen: stateOf(settings.file), named: read(settings) };
  } catch (error) {
    const why = isCodedError(error) ? error.message : 'it cannot be read.';
    throw new CodedError('bad_setting', `risk.lists: ${settings.file}: ${why}`, { cause: error });
  }
}

/** @returns whether the list is another now. */
function follow(kept: Kept, log: Pick<Logger, 'error'>): boolean {
  const { file } = kept.settings;
  try {
    const state = stateOf(file);
    if (state === kept.seen) return false;
    // Once for each state of the file, also when it cannot be read.
    kept.seen = state;
    const named = read(kept.settings);
    // Whoever writes it may have been stopped half-way: nobody empties a list by emptying its file.
    if (named.list.entries === 0) throw new Error('the list is empty');
    kept.named = named;
    return true;
  } catch (err) {
    log.error({ err, file }, 'a list of networks cannot be read: the one before stays in use');
    return false;
  }
}

function read({ kind, file, staleDays }: ListSettings): NamedList {
  // Before it is read: what is too large is not to be held at all.
  if (statSync(file).size > LIST_LIMITS.bytes) {
    throw new CodedError('bad_setting', `it has more than ${LIST_LIMITS.bytes} bytes.`);
  }
  const list = readList(readFileSync(file, 'utf8'));
  return {
    ...{ kind, name: basename(file), list },
    madeMs: list.datedMs ?? statSync(resolve(file)).mtimeMs,
    staleAfterMs: staleDays * DAY_MS,
  };
}

function stateOf(file: string): string {
  const { mtimeMs, size } = statSync(file);
  return `${mtimeMs} ${size}`;
}

// What a monitor remembers between rounds: the last checkpoint it verified, the tree it has read,
// what it could not yet judge, and the forks it has found. One file, replaced whole.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  decodeHex,
  encodeHex,
  HASH_BYTES,
  nodesOfRange,
  RootAccumulator,
  TILE_WIDTH,
} from '@countersign/verifier';
import { readWhole, replaceDurably } from '../disk/durable-file.ts';
import { isLockFile } from '../disk/hold-folder.ts';
import { refusal } from '../watcher-error.ts';
import type { UnrecordedLeaf } from './check-records.ts';
import type { ReadSoFar } from './read-entries.ts';

/** A signed checkpoint that could not yet be held against the tree. */
export interface PendingNote {
  readonly note: string;
  readonly sinceMs: number;
}

export interface MonitorState {
  /** Key of the log, as text: with the name in it the whole identity. */
  readonly key: string;
  /** The largest checkpoint that was found consistent; undefined before the first. */
  readonly known: string | undefined;
  /** When a checkpoint was last other than the one before. */
  readonly changedMs: number;
  readonly read: ReadSoFar;
  /** Since when a partial bundle has been left for later; undefined when none is. */
  readonly skippedSinceMs: number | undefined;
  readonly pending: readonly PendingNote[];
  readonly waiting: readonly UnrecordedLeaf[];
  /** Files of evidence, oldest first. */
  readonly forks: readonly string[];
}

const STATE_FILE = 'state.json';
const FORMAT = 'countersign/monitor/v1';

export function emptyState(key: string, nowMs: number): MonitorState {
  return {
    key,
    known: undefined,
    changedMs: nowMs,
    read: { range: new RootAccumulator(), tail: [] },
    skippedSinceMs: undefined,
    pending: [],
    waiting: [],
    forks: [],
  };
}

/**
 * The state in this folder, or a new one when it is empty.
 * @throws CodedError `folder_not_empty`, `state_corrupt`, `state_of_other_log`
 */
export function readState(folder: string, key: string, nowMs: number): MonitorState {
  const bytes = readWhole(join(folder, STATE_FILE));
  if (bytes === undefined) {
    if (readdirSync(folder).every(isLockFile)) return emptyState(key, nowMs);
    throw refusal(
      'folder_not_empty',
      'The folder holds other files and no state.json: restore that file, or give the monitor an empty folder, where it reads the log from its beginning.',
    );
  }
  const state = parseState(bytes);
  if (state.key === key) return state;
  throw refusal('state_of_other_log', `The folder is about another log: ${state.key}.`);
}

export async function writeState(folder: string, state: MonitorState): Promise<void> {
  const { read, known, skippedSinceMs, ...plain } = state;
  const file = {
    format: FORMAT,
    ...plain,
    known: known ?? null,
    skippedSinceMs: skippedSinceMs ?? null,
    read: {
      size: read.range.size,
      range: read.range.peaks.map(encodeHex),
      tail: read.tail.map(encodeHex),
    },
  };
  await replaceDurably(join(folder, STATE_FILE), Buffer.from(`${JSON.stringify(file)}\n`));
}

type Json = Record<string, unknown>;

function parseState(bytes: Buffer): MonitorState {
  const file = parseJson(bytes);
  if (!isObject(file) || file['format'] !== FORMAT) throw corrupt('is of no format known here');
  const { key, known, changedMs, skippedSinceMs } = file;
  if (typeof key !== 'string' || !isMoment(changedMs)) throw corrupt('lacks the log or a time');
  if (known !== null && typeof known !== 'string') throw corrupt('has no checkpoint');
  if (skippedSinceMs !== null && !isMoment(skippedSinceMs)) throw corrupt('lacks a time');
  return {
    key,
    known: known ?? undefined,
    changedMs,
    skippedSinceMs: skippedSinceMs ?? undefined,
    read: parseRead(file['read']),
    pending: listOf<PendingNote>(
      file['pending'],
      ({ note, sinceMs }) => typeof note === 'string' && isMoment(sinceMs),
    ),
    waiting: listOf<UnrecordedLeaf>(
      file['waiting'],
      ({ index, leafHash, seenMs }) =>
        isMoment(index) && typeof leafHash === 'string' && isMoment(seenMs),
    ),
    forks: parseForks(file['forks']),
  };
}

function parseRead(value: unknown): ReadSoFar {
  if (!isObject(value)) throw corrupt('does not say what was read');
  const { size, range, tail } = value;
  if (!isMoment(size) || size % TILE_WIDTH !== 0) throw corrupt('has read no whole bundles');
  const [hashes, leaves] = [parseHashes(range), parseHashes(tail)];
  if (
    hashes.length !== nodesOfRange({ start: 0, end: size }).length ||
    leaves.length >= TILE_WIDTH
  ) {
    throw corrupt('has hashes of another size');
  }
  return { range: new RootAccumulator(size, hashes), tail: leaves };
}

function parseHashes(value: unknown): Uint8Array[] {
  if (!Array.isArray(value)) throw corrupt('lacks hashes');
  return value.map((text) => {
    const hash = typeof text === 'string' ? decodeHex(text) : undefined;
    if (hash?.length === HASH_BYTES) return hash;
    throw corrupt('has a hash that is none');
  });
}

function parseForks(value: unknown): string[] {
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value;
  throw corrupt('lacks a list');
}

function listOf<Item>(value: unknown, isSound: (item: Json) => boolean): Item[] {
  if (!Array.isArray(value) || !value.every((item) => isObject(item) && isSound(item))) {
    throw corrupt('has a list of something else');
  }
  return value as Item[];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Times, sizes and indexes: whole numbers from 0. */
function isMoment(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw corrupt('is no JSON', cause);
  }
}

function corrupt(what: string, cause?: unknown): Error {
  return refusal('state_corrupt', `${STATE_FILE} ${what}; restore it.`, { cause });
}

// What a monitor's owner expects to find in the log, from files: the leaves it recorded, the key of
// its tags, the keys its issuers use.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  decodeBase64url,
  decodeHex,
  decodeLogEntry,
  encodeHex,
  FormatError,
  type LeafRecogniser,
  recogniseLeaves,
} from '@countersign/verifier';
import {
  checkKeys,
  type EntryCheck,
  type LeafRecords,
  type SeenEntry,
} from '@countersign/watchers';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';
import { readTagKey } from './read-tag-key.ts';

export interface ExpectationOptions {
  tagKeyFile?: string;
  records?: string;
  knownKeys?: string;
}

export interface OwnRecords extends LeafRecords {
  /** Reads the file again: records are added to it while the monitor runs. */
  refresh(): void;
}

/**
 * The owner's records; undefined when none were named.
 * @throws CodedError `file_unreadable`, `wrong_use`, as `refresh` does
 */
export function readRecords(
  world: CliWorld,
  { records: file, tagKeyFile }: ExpectationOptions,
): OwnRecords | undefined {
  if (file === undefined && tagKeyFile === undefined) return undefined;
  if (file === undefined)
    throw cliError('wrong_use', '--tag-key-file needs --records: what is tagged must be recorded.');
  const own = tagKeyFile === undefined ? undefined : recogniseLeaves(readTagKey(world, tagKeyFile));
  let leaves = readLeaves(world, file);
  return {
    isMine: (seen) => own !== undefined && isOwn(own, seen),
    recordedAt: (index) => leaves.get(index),
    refresh: () => {
      leaves = readLeaves(world, file);
    },
  };
}

function readLeaves(world: CliWorld, file: string): Map<number, string> {
  const leaves = new Map<number, string>();
  for (const { line, value } of readLines(world, '--records', file, 'growing')) {
    const { index, leafHash } = value;
    const isHash = typeof leafHash === 'string' && decodeHex(leafHash)?.length === 32;
    if (!Number.isSafeInteger(index) || !isHash)
      throw cliError('file_unreadable', `--records: line ${line} has no index and leafHash.`);
    leaves.set(index as number, leafHash);
  }
  return leaves;
}

/** @throws CodedError `file_unreadable` */
export function readKnownKeys(
  world: CliWorld,
  { knownKeys: file }: ExpectationOptions,
): EntryCheck[] {
  if (file === undefined) return [];
  const issuers = new Set<string>();
  const thumbprints = new Set<string>();
  for (const { line, value } of readLines(world, '--known-keys', file)) {
    const { issuer, thumbprint } = value;
    const bytes = typeof thumbprint === 'string' ? decodeBase64url(thumbprint) : undefined;
    if (typeof issuer !== 'string' || bytes?.length !== 32)
      throw cliError(
        'file_unreadable',
        `--known-keys: line ${line} has no issuer and thumbprint (RFC 7638, base64url).`,
      );
    issuers.add(issuer);
    thumbprints.add(encodeHex(bytes));
  }
  return [checkKeys({ issuers: [...issuers], thumbprints })];
}

function isOwn(own: LeafRecogniser, { entry }: SeenEntry): boolean {
  try {
    const decoded = decodeLogEntry(entry);
    return decoded.kind === 'token' && own.recognise(decoded) !== undefined;
  } catch (error) {
    // Entries of later versions, or of logs of other kinds, carry no tag that could be ours.
    if (error instanceof FormatError) return false;
    throw error;
  }
}

/** @param kind of a growing file, a last line without its end is one that is just being written */
function readLines(
  world: CliWorld,
  option: string,
  file: string,
  kind: 'whole' | 'growing' = 'whole',
): { line: number; value: Record<string, unknown> }[] {
  const path = resolve(world.workingFolder, file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw cliError('file_unreadable', `${option}: ${path} cannot be read.`, error);
  }
  const lines = text.split('\n');
  return lines.flatMap((each, at) => {
    if (each.trim() === '') return [];
    const value = parseObject(each);
    if (value === undefined && kind === 'growing' && at === lines.length - 1) return [];
    if (value === undefined)
      throw cliError('file_unreadable', `${option}: line ${at + 1} of ${path} is no JSON object.`);
    return [{ line: at + 1, value }];
  });
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

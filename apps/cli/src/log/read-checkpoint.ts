// Which log is read and up to where: its checkpoint, under the key that the user pins and, when the
// user asks for it, cosigned by a quorum of witnesses.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  FormatError,
  type NoteKey,
  parseTlogPolicy,
  parseVerifierKey,
  type TlogPolicy,
  verifyCheckpoint,
  verifyWitnessedCheckpoint,
} from '@countersign/verifier';
import { createLogReader, type LogReader } from '@countersign/watchers';
import { cliError } from '../cli-error.ts';
import { parseBaseUrl } from '../http/fetch-json.ts';
import { serverUrl } from '../http/server-option.ts';
import type { CliWorld } from '../world.ts';

export interface LogOptions {
  server?: string;
  log?: string;
  checkpointKey: string;
  witnesses?: string;
}

export interface KnownLog {
  origin: string;
  reader: LogReader;
  size: number;
  root: Uint8Array;
  /** When the witnesses last saw this checkpoint as the largest; undefined when none were asked for. */
  witnessedMs: number | undefined;
}

/** @throws CodedError `wrong_use`, `file_unreadable`, `log_unproven`; as LogReader */
export async function readCheckpoint(world: CliWorld, options: LogOptions): Promise<KnownLog> {
  const logKey = readKey(options.checkpointKey);
  const policy = options.witnesses === undefined ? undefined : readPolicy(world, options.witnesses);
  const reader = createLogReader({ url: urlOf(world, options) });
  const origin = logKey.name;
  world.progress.say(`asking ${origin} for its checkpoint`);
  const note = await reader.checkpoint();
  try {
    if (policy === undefined) {
      const { size, root } = await verifyCheckpoint(note, origin, logKey);
      return { origin, reader, size, root, witnessedMs: undefined };
    }
    const witnessed = await verifyWitnessedCheckpoint(note, { origin, logKey, policy });
    const { size, root, witnessedMs } = witnessed;
    return { origin, reader, size, root, witnessedMs };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw cliError('log_unproven', `The checkpoint of ${origin}: ${error.message}`, error);
  }
}

function urlOf(world: CliWorld, options: LogOptions): string {
  if (options.log === undefined)
    return new URL('/log', parseBaseUrl(serverUrl(world, options), '--server')).href;
  if (options.server !== undefined)
    throw cliError('wrong_use', 'Give either --server or --log: they name the same thing.');
  return parseBaseUrl(options.log, '--log').href;
}

function readKey(text: string): NoteKey {
  try {
    const key = parseVerifierKey(text);
    if (key.purpose === 'ed25519' || key.purpose === 'mldsa44') return key;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  throw cliError(
    'wrong_use',
    '--checkpoint-key: give the text of a checkpoint key, NAME+ID+KEY; it stands in the verifier policy.',
  );
}

function readPolicy(world: CliWorld, file: string): TlogPolicy {
  const path = resolve(world.workingFolder, file);
  try {
    return parseTlogPolicy(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof FormatError ? `: ${error.message}` : ' cannot be read.';
    throw cliError('file_unreadable', `--witnesses: ${path}${why}`, error);
  }
}

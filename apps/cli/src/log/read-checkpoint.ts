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
  key: NoteKey;
  reader: LogReader;
  /** The checkpoint as it was served. */
  note: string;
  size: number;
  root: Uint8Array;
  /** When the witnesses last saw this checkpoint as the largest; undefined when none were asked for. */
  witnessedMs: number | undefined;
  /** Whose quorum was asked for. */
  policy: TlogPolicy | undefined;
}

/** @throws CodedError `wrong_use`, `file_unreadable`, `log_unproven`; as LogReader */
export async function readCheckpoint(world: CliWorld, options: LogOptions): Promise<KnownLog> {
  const logKey = readLogKey(options.checkpointKey);
  const policy = readWitnesses(world, options);
  const reader = createLogReader({ url: urlOfLog(world, options) });
  const origin = logKey.name;
  world.progress.say(`asking ${origin} for its checkpoint`);
  const note = await reader.checkpoint();
  const known = { origin, key: logKey, reader, note, policy };
  try {
    if (policy === undefined) {
      const { size, root } = await verifyCheckpoint(note, origin, logKey);
      return { ...known, size, root, witnessedMs: undefined };
    }
    const witnessed = await verifyWitnessedCheckpoint(note, { origin, logKey, policy });
    const { size, root, witnessedMs } = witnessed;
    return { ...known, size, root, witnessedMs };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw cliError('log_unproven', `The checkpoint of ${origin}: ${error.message}`, error);
  }
}

/** Where the log is served. @throws CodedError `wrong_use` */
export function urlOfLog(world: CliWorld, options: Pick<LogOptions, 'log' | 'server'>): string {
  if (options.log === undefined)
    return new URL('/log', parseBaseUrl(serverUrl(world, options), '--server')).href;
  if (options.server !== undefined)
    throw cliError('wrong_use', 'Give either --server or --log: they name the same thing.');
  return parseBaseUrl(options.log, '--log').href;
}

/** @throws CodedError `wrong_use` */
export function readLogKey(text: string, option = '--checkpoint-key'): NoteKey {
  try {
    const key = parseVerifierKey(text);
    if (key.purpose === 'ed25519' || key.purpose === 'mldsa44') return key;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  throw cliError(
    'wrong_use',
    `${option}: give the text of a checkpoint key, NAME+ID+KEY; it stands in the verifier policy.`,
  );
}

/** The tlog-policy of `--witnesses`, if one was named. @throws CodedError `file_unreadable` */
export function readWitnesses(
  world: CliWorld,
  { witnesses: file }: Pick<LogOptions, 'witnesses'>,
): TlogPolicy | undefined {
  if (file === undefined) return undefined;
  const path = resolve(world.workingFolder, file);
  try {
    return parseTlogPolicy(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof FormatError ? `: ${error.message}` : ' cannot be read.';
    throw cliError('file_unreadable', `--witnesses: ${path}${why}`, error);
  }
}

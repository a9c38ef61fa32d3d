// Which log a command is about, and by which key it is known: one that the user pins, or else the
// word of the server itself, which is then said with every answer.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  FormatError,
  formatVerifierKey,
  type NoteKey,
  parseTlogPolicy,
  parseVerifierKey,
  type TlogPolicy,
} from '@countersign/verifier';
import type { Command } from 'commander';
import { cliError } from '../cli-error.ts';
import { parseBaseUrl } from '../http/fetch-json.ts';
import { serverUrl } from '../http/server-option.ts';
import type { CliWorld } from '../world.ts';
import { fetchLogPolicy } from './fetch-log-policy.ts';

export interface LogOptions {
  server?: string;
  log?: string;
  checkpointKey?: string;
  witnesses?: string;
}

export interface NamedLog {
  key: NoteKey;
  url: string;
  /** True when the user said which key it is. */
  pinned: boolean;
  /** The file that `--witnesses` names. */
  policy: TlogPolicy | undefined;
}

/** The three options that say which log. */
export function addLogOptions(command: Command): Command {
  return command
    .option('--server <url>', 'the server whose log it is (default: $COUNTERSIGN_URL)')
    .option('--log <url>', 'the log itself, wherever it is served')
    .option(
      '--key, --checkpoint-key <vkey>',
      'the key that signs its checkpoints (default: of --witnesses, or what the server says)',
    );
}

/** @throws CodedError `wrong_use`, `file_unreadable`, `server_unreachable`, `answer_malformed` */
export async function nameLog(world: CliWorld, options: LogOptions): Promise<NamedLog> {
  const policy = readWitnesses(world, options);
  const { checkpointKey } = options;
  if (checkpointKey !== undefined) {
    return { key: readLogKey(checkpointKey), url: urlOfLog(world, options), pinned: true, policy };
  }
  const [own, ...others] = policy?.logs ?? [];
  if (own !== undefined && others.length === 0) {
    return { key: own.key, url: urlOfLog(world, options), pinned: true, policy };
  }
  if (options.log !== undefined || own !== undefined)
    throw cliError(
      'wrong_use',
      'Give the key of the log with --key: nothing else says which it is.',
    );
  return nameByServer(world, options, policy);
}

/** A sentence for whoever reads an answer that rests on the server's own word. */
export function unpinnedRemark(key: NoteKey): string {
  return `The key of ${key.name} is the server’s own word; pin it with --key ${formatVerifierKey(key)}`;
}

async function nameByServer(
  world: CliWorld,
  options: LogOptions,
  policy: TlogPolicy | undefined,
): Promise<NamedLog> {
  const server = parseBaseUrl(serverUrl(world, options), '--server');
  const { logs } = (await fetchLogPolicy(server)).policy;
  const [first] = logs;
  if (first?.url === undefined)
    throw cliError('answer_malformed', `${server.host} does not say which log is its own.`);
  return { key: first.key, url: first.url, pinned: false, policy };
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

// What every command that reads a log begins with: which server, with whose credential, whose log, and,
// for operators, why. A filter is read here first: what is wrong with it is shown at its place, and
// nothing is asked.

import { describeProblem, readFilter } from '@countersign/search';
import type { Command } from 'commander';
import { cliError } from '../../cli-error.ts';
import {
  fetchJson,
  type JsonReply,
  type JsonRequest,
  parseBaseUrl,
} from '../../http/fetch-json.ts';
import { readOperatorToken } from '../../http/operator-token.ts';
import { addOperatorOptions, type OperatorOptions, serverUrl } from '../../http/server-option.ts';
import type { CliWorld } from '../../world.ts';

export interface ReadingOptions extends OperatorOptions {
  tenant?: string;
  reason?: string;
}

export interface Reading {
  server: URL;
  credential: string;
  reason: string | undefined;
  ask(
    path: string,
    query: Readonly<Record<string, string | undefined>>,
    request?: Omit<JsonRequest, 'credential' | 'reason'>,
  ): Promise<JsonReply>;
  urlOf(path: string, query: Readonly<Record<string, string | undefined>>): URL;
}

export function addReadingOptions(command: Command): Command {
  return addReasonOptions(
    command.option('--tenant <tenant>', 'whose; a tenant’s own credential need not say'),
  );
}

/** Of what is named by its realm or its id, and so has a tenant. */
export function addReasonOptions(command: Command): Command {
  return addOperatorOptions(
    command.option('--reason <text>', 'why; operators must say, and the tenant is shown it'),
  );
}

/** @throws CodedError `wrong_use`, `credential_missing` */
export function openReading(world: CliWorld, options: ReadingOptions): Reading {
  const server = parseBaseUrl(serverUrl(world, options), '--server');
  const credential = readOperatorToken(world, options.tokenFile);
  const { reason, tenant } = options;
  const urlOf: Reading['urlOf'] = (path, query) => {
    const url = new URL(`/api/v1${path}`, server);
    for (const [name, value] of Object.entries({ tenant, ...query }))
      if (value !== undefined && value !== '') url.searchParams.set(name, value);
    return url;
  };
  world.progress.say(`asking ${server.host}`);
  const why = reason === undefined ? {} : { reason };
  return {
    ...{ server, credential, reason, urlOf },
    ask: (path, query, request = {}) =>
      fetchJson(urlOf(path, query), { timeoutMs: 60_000, ...request, ...why, credential }),
  };
}

/** The words of the command line as one filter. @throws CodedError `wrong_use` with the place */
export function filterFrom(words: readonly string[]): string {
  const text = words.join(' ');
  const read = readFilter(text, { nowMs: 0 });
  if ('filter' in read) return text;
  const { position, length } = read.problem;
  const end = position + length;
  const marked = `${text.slice(0, position)}▸${text.slice(position, end)}◂${text.slice(end)}`;
  throw cliError('wrong_use', `${describeProblem(read.problem)} Here: ${marked.trim()}`);
}

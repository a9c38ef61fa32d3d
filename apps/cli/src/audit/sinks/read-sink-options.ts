// What is typed about a sink → the settings and the secret that the server asks for. Secrets come from
// a file, never from the command line, where every process of the machine could read them.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { cliError } from '../../cli-error.ts';
import type { OperatorOptions } from '../../http/server-option.ts';
import type { CliWorld } from '../../world.ts';

export interface AddSinkOptions extends OperatorOptions {
  kind: string;
  url?: string;
  host?: string;
  port?: string;
  caFile?: string;
  index?: string;
  acknowledged?: boolean;
  endpoint?: string;
  region?: string;
  bucket?: string;
  prefix?: string;
  secretFile?: string;
  fromStart?: boolean;
}

/** The server says which member of which kind is wrong or missing. @throws CodedError `wrong_use` */
export function settingsFrom(world: CliWorld, options: AddSinkOptions): object {
  const { kind, url, host, port, caFile, index, acknowledged } = options;
  const { endpoint, region, bucket, prefix } = options;
  if (port !== undefined && !/^\d{1,5}$/.test(port)) {
    throw cliError('wrong_use', `--port: "${port}" is no whole number.`);
  }
  const given = {
    ...{ kind, url, host, index, endpoint, region, bucket, prefix, acknowledged },
    port: port === undefined ? undefined : Number(port),
    ca: caFile === undefined ? undefined : read(world, '--ca-file', caFile),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** @throws CodedError `wrong_use` */
export function secretFrom(world: CliWorld, { secretFile }: AddSinkOptions): object | undefined {
  if (secretFile === undefined) return undefined;
  const text = read(world, '--secret-file', secretFile);
  let secret: unknown;
  try {
    secret = JSON.parse(text);
  } catch {
    secret = undefined;
  }
  if (typeof secret === 'object' && secret !== null) return secret;
  throw cliError('wrong_use', '--secret-file: holds no JSON object, such as {"token":"…"}.');
}

function read(world: CliWorld, option: string, file: string): string {
  try {
    return readFileSync(resolve(world.workingFolder, file), 'utf8');
  } catch (error) {
    throw cliError('wrong_use', `${option}: ${file} cannot be read.`, error);
  }
}

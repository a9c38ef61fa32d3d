// The operator's credential comes from a file, never from the command line, where every process of
// the machine could read it.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';

const TOKEN = /^[\x21-\x7e]{16,512}$/;

/**
 * Reads the first of: `--token-file`, `COUNTERSIGN_TOKEN_FILE`, the server's data folder.
 * @throws CodedError `credential_missing`
 */
export function readOperatorToken(world: CliWorld, tokenFile: string | undefined): string {
  const { COUNTERSIGN_TOKEN_FILE: named, COUNTERSIGN_DATA: data = '.countersign' } =
    world.environment;
  const path = resolve(
    world.workingFolder,
    tokenFile ?? named ?? join(data, 'secrets', 'operator-token'),
  );
  const token = read(path).trim();
  if (!TOKEN.test(token))
    throw cliError('credential_missing', `${path} does not hold an operator token.`);
  return token;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw cliError(
      'credential_missing',
      `The operator token cannot be read from ${path}. Name its file with --token-file; the server keeps it in DATA/secrets/operator-token.`,
      error,
    );
  }
}

// Which server a command asks, and with whose credential: the same two options everywhere.

import type { Command } from 'commander';
import type { CliWorld } from '../world.ts';

export interface ServerOptions {
  server?: string;
}

export interface OperatorOptions extends ServerOptions {
  tokenFile?: string;
}

export function addServerOption(command: Command): Command {
  return command.option(
    '--server <url>',
    'the server to ask (default: $COUNTERSIGN_URL or http://localhost:4600)',
  );
}

export function addOperatorOptions(command: Command): Command {
  return addServerOption(command).option(
    '--token-file <file>',
    'file with the operator token (default: $COUNTERSIGN_TOKEN_FILE or ./.countersign/secrets/operator-token)',
  );
}

export function serverUrl(world: CliWorld, { server }: ServerOptions): string {
  return server ?? world.environment['COUNTERSIGN_URL'] ?? 'http://localhost:4600';
}

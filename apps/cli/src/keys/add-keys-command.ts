// `countersign keys`: what can be done about keys from outside of the process that holds them.

import type { Command } from 'commander';
import type { Answering } from '../build-program.ts';
import type { CliWorld } from '../world.ts';
import { addScanCommand } from './add-scan-command.ts';

export function addKeysCommand(program: Command, world: CliWorld, answering: Answering): void {
  const keys = program
    .command('keys')
    .description('private keys: find those that leaked')
    .helpCommand(false);
  addScanCommand(keys, world, answering);
}

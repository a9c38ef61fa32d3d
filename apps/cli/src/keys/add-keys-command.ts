// `countersign keys`: what can be done about keys from outside of the process that holds them.

import type { Command } from 'commander';
import type { Answering } from '../build-program.ts';
import type { CliWorld } from '../world.ts';
import { addExposureCommand } from './add-exposure-command.ts';
import { addListCommand } from './add-list-command.ts';
import { addPauseCommand } from './add-pause-command.ts';
import { addRevokeCommand } from './add-revoke-command.ts';
import { addRollbackCommand, addRotateCommand } from './add-rotate-command.ts';
import { addScanCommand } from './add-scan-command.ts';
import { addDrillCommand } from './drill/add-drill-command.ts';
import { addGateCommand } from './gate/add-gate-command.ts';
import { addWatchCommand } from './watch/add-watch-command.ts';

export function addKeysCommand(program: Command, world: CliWorld, answering: Answering): void {
  const keys = program
    .command('keys')
    .description(
      'the keys that sign: what there is, rotate, revoke; and find private keys that leaked',
    )
    .helpCommand(false);
  addListCommand(keys, world, answering);
  addExposureCommand(keys, world, answering);
  addRotateCommand(keys, world, answering);
  addRollbackCommand(keys, world, answering);
  addRevokeCommand(keys, world, answering);
  addPauseCommand(keys, world, answering);
  addDrillCommand(keys, world, answering);
  addScanCommand(keys, world, answering);
  addGateCommand(keys, world, answering);
  addWatchCommand(keys, world, answering);
}

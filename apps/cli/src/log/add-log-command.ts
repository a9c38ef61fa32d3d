// `countersign log …`: the group of everything that reads or keeps a transparency log.

import type { Command } from 'commander';
import type { Answering } from '../build-program.ts';
import type { CliWorld } from '../world.ts';
import { addFsckCommand } from './add-fsck-command.ts';
import { addLogPolicyCommand } from './add-log-policy-command.ts';
import { addMonitorCommand } from './add-monitor-command.ts';
import { addProveCommand } from './add-prove-command.ts';
import { addRecordsCommand } from './add-records-command.ts';
import { addTokensCommand } from './add-tokens-command.ts';
import { addVerifyEvidenceCommand } from './add-verify-evidence-command.ts';

export function addLogCommand(program: Command, world: CliWorld, answering: Answering): void {
  const log = program
    .command('log')
    .description('read, prove and check a transparency log')
    .helpCommand(false);
  addFsckCommand(log, world, answering);
  addMonitorCommand(log, world, answering);
  addLogPolicyCommand(log, world, answering);
  addProveCommand(log, world, answering);
  addRecordsCommand(log, world, answering);
  addTokensCommand(log, world, answering);
  addVerifyEvidenceCommand(log, world, answering);
}

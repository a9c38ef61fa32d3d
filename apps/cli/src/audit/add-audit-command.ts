// `countersign audit …`: the group of everything that reads, brings in, exports or checks the trail.

import type { Command } from 'commander';
import type { Answering } from '../build-program.ts';
import type { CliWorld } from '../world.ts';
import { addPinCommand } from './add-pin-command.ts';
import { addVerifyBundleCommand } from './add-verify-bundle-command.ts';
import { addCloudTrailDigestCommand } from './digest/add-cloudtrail-digest-command.ts';
import { addExportCommand } from './export/add-export-command.ts';
import { addAuditExposureCommand } from './exposure/add-exposure-command.ts';
import { addImportCommand } from './import/add-import-command.ts';
import { addEraseCommand } from './keeping/add-erase-command.ts';
import { addRetentionCommand } from './keeping/add-retention-command.ts';
import { addSegmentsCommand } from './keeping/add-segments-command.ts';
import { addCountCommand } from './search/add-count-command.ts';
import { addSavedCommand } from './search/add-saved-command.ts';
import { addSearchCommand } from './search/add-search-command.ts';
import { addTailCommand } from './search/add-tail-command.ts';
import { addSinksCommand } from './sinks/add-sinks-command.ts';
import { addSourcesCommand } from './sources/add-sources-command.ts';

export function addAuditCommand(program: Command, world: CliWorld, answering: Answering): void {
  const audit = program
    .command('audit')
    .description('read, bring in, export and check the audit trail')
    .helpCommand(false);
  addSearchCommand(audit, world, answering);
  addCountCommand(audit, world, answering);
  addTailCommand(audit, world, answering);
  addSavedCommand(audit, world, answering);
  addVerifyBundleCommand(audit, world, answering);
  addPinCommand(audit, world, answering);
  addImportCommand(audit, world, answering);
  addSourcesCommand(audit, world, answering);
  addSinksCommand(audit, world, answering);
  addExportCommand(audit, world, answering);
  addAuditExposureCommand(audit, world, answering);
  addSegmentsCommand(audit, world, answering);
  addRetentionCommand(audit, world, answering);
  addEraseCommand(audit, world, answering);
  addCloudTrailDigestCommand(audit, world, answering);
}

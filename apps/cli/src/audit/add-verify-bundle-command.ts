// `countersign audit verify`: checks an evidence bundle, asking nobody.

import type { Command } from 'commander';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';

export function addVerifyBundleCommand(
  audit: Command,
  _world: CliWorld,
  answering: Answering,
): void {
  const command = audit
    .command('verify')
    .argument('<bundle>', 'evidence bundle, or - for standard input')
    .description('check offline that a tenant’s events are whole, in order and unchanged')
    .action(async () =>
      answering(command, async () => {
        throw cliError('wrong_use', 'Bundles cannot be checked yet.');
      }),
    );
}

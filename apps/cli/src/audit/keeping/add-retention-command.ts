// `countersign audit retention`: how long a tenant's events are kept.

import type { Command } from 'commander';
import type { Answering } from '../../build-program.ts';
import { isObject, textIn } from '../../http/read-member.ts';
import { printable } from '../../terminal/paint.ts';
import type { CliWorld } from '../../world.ts';
import { addReadingOptions, openReading, type ReadingOptions } from '../search/open-reading.ts';

const EXAMPLES = `
Examples:
  $ countersign audit retention
  $ countersign audit retention --tenant acme --set m-21-31 --reason "contract of 2026"

Profiles: csrb (6 months), standard (12, the default), m-26-14 (18), m-21-31 (30). Events of keys are kept for
the life of a key and two years longer. A longer profile counts at once for all there is; a shorter one only
for what is recorded from then on.`;

interface RetentionOptions extends ReadingOptions {
  set?: string;
}

export function addRetentionCommand(audit: Command, world: CliWorld, answering: Answering): void {
  const command = audit
    .command('retention')
    .description('show or change how long events are kept')
    .option('--set <profile>', 'the profile to keep them by')
    .addHelpText('after', EXAMPLES);
  addReadingOptions(command).action(async (options: RetentionOptions) =>
    answering(command, async () => {
      const { set: profile, tenant } = options;
      const { ask } = openReading(world, options);
      const change = { profile, ...(tenant === undefined ? {} : { tenant }) };
      const { body } =
        profile === undefined
          ? await ask('/retention', {})
          : await ask('/retention', { tenant: undefined }, { method: 'PUT', body: change });
      const retention = isObject(body) ? body : {};
      return {
        ok: true,
        json: { command: 'audit retention', ok: true, retention },
        lines: ({ paint }) => [
          `  ${paint.faint('tenant'.padEnd(9))}${printable(textIn(retention, 'tenant'))}`,
          `  ${paint.faint('profile'.padEnd(9))}${printable(textIn(retention, 'profile'))}, ${textIn(retention, 'months')} months`,
        ],
      };
    }),
  );
}

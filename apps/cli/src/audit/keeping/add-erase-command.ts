// `countersign audit erase`: takes one person's data out of a tenant's log.

import type { Command } from 'commander';
import type { Answering } from '../../build-program.ts';
import { isObject, type JsonObject, listIn, momentIn, textIn } from '../../http/read-member.ts';
import { confirmed } from '../../keys/ask-server.ts';
import { drawTable } from '../../terminal/draw-table.ts';
import { printable } from '../../terminal/paint.ts';
import type { CliWorld } from '../../world.ts';
import { addReadingOptions, openReading, type ReadingOptions } from '../search/open-reading.ts';

const EXAMPLES = `
Examples:
  $ countersign audit erase p-7f3k --tenant acme --because "request 2026-114" --reason "request 2026-114"
  $ countersign audit erase --list --tenant acme --reason "request 2026-114"

What the person did loses its payload, in the database and in sealed files, and cannot be brought back. The
leaves stay, so that every proof holds. Events of keys, findings and administration stay whole. It is done
when the log holds what is sealed: within a minute or two.`;

interface EraseOptions extends ReadingOptions {
  because?: string;
  list?: boolean;
  yes?: boolean;
}

export function addEraseCommand(audit: Command, world: CliWorld, answering: Answering): void {
  const command = audit
    .command('erase')
    .argument('[subject]', 'the person, as in `sub` of the tokens')
    .description('take one person’s data out of the log; proofs stay valid')
    .option('--because <text>', 'why, for the record; must not name the person')
    .option('--list', 'show erasures instead')
    .option('--yes', 'do not ask')
    .addHelpText('after', EXAMPLES);
  addReadingOptions(command).action(async (subject: string | undefined, options: EraseOptions) =>
    answering(command, async () => {
      const reading = openReading(world, options);
      if (subject === undefined || options.list === true) {
        const erasures = listIn((await reading.ask('/erasures', {})).body, 'erasures');
        return listed(erasures);
      }
      const question = `What ${subject} did loses its payload for ever. Erase it?`;
      await confirmed(world, options, question);
      const { tenant, because = '' } = options;
      const body = { subject, reason: because, ...(tenant === undefined ? {} : { tenant }) };
      const answer = await reading.ask('/erasures', { tenant: undefined }, { body });
      const erasure = isObject(answer.body) ? answer.body : {};
      return {
        ok: true,
        json: { command: 'audit erase', ok: true, erasure },
        lines: () => [
          `  Asked: ${printable(textIn(erasure, 'id'))}. countersign audit erase --list`,
        ],
      };
    }),
  );
}

function listed(erasures: JsonObject[]): Awaited<ReturnType<Parameters<Answering>[1]>> {
  return {
    ok: true,
    json: { command: 'audit erase', ok: true, erasures },
    lines: ({ paint, columns }) =>
      erasures.length === 0
        ? ['  Nobody was erased.']
        : drawTable(
            [
              { title: 'erasure' },
              { title: 'state' },
              { title: 'asked' },
              { title: 'events' },
              { title: 'because', flexible: true },
            ],
            erasures.map((erasure) => [
              printable(textIn(erasure, 'id')),
              printable(textIn(erasure, 'state')),
              momentIn(erasure, 'askedMs'),
              textIn(erasure, 'events'),
              printable(textIn(erasure, 'reason')),
            ]),
            paint,
            columns,
          ),
  };
}

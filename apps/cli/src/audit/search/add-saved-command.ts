// `countersign audit saved …`: searches with a name, kept for all readers of a tenant.

import type { Command } from 'commander';
import type { Answering } from '../../build-program.ts';
import { isObject, listIn, momentIn, textIn } from '../../http/read-member.ts';
import { drawTable } from '../../terminal/draw-table.ts';
import { printable } from '../../terminal/paint.ts';
import type { CliWorld } from '../../world.ts';
import { addReadingOptions, filterFrom, openReading, type ReadingOptions } from './open-reading.ts';

const EXAMPLES = `
Examples:
  $ countersign audit saved add failures 'status = failure and time >= -24h'
  $ countersign audit saved list
  $ countersign audit search --saved failures
  $ countersign audit saved remove failures`;

export function addSavedCommand(audit: Command, world: CliWorld, answering: Answering): void {
  const saved = audit
    .command('saved')
    .description('searches with a name')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  addList(saved, world, answering);
  addAdd(saved, world, answering);
  addRemove(saved, world, answering);
}

function addList(saved: Command, world: CliWorld, answering: Answering): void {
  const command = saved.command('list').description('list the searches of a tenant');
  addReadingOptions(command).action(async (options: ReadingOptions) =>
    answering(command, async () => {
      const { ask } = openReading(world, options);
      const searches = listIn((await ask('/searches', {})).body, 'searches');
      return {
        ok: true,
        json: { command: 'audit saved list', ok: true, searches },
        lines: ({ paint, columns }) =>
          searches.length === 0
            ? ['  No searches are saved.']
            : drawTable(
                [{ title: 'name' }, { title: 'since' }, { title: 'filter', flexible: true }],
                searches.map((search) => [
                  printable(textIn(search, 'name')),
                  momentIn(search, 'createdMs').slice(0, 10),
                  printable(textIn(search, 'filter')),
                ]),
                paint,
                columns,
              ),
      };
    }),
  );
}

function addAdd(saved: Command, world: CliWorld, answering: Answering): void {
  const command = saved
    .command('add')
    .argument('<name>', 'a name for it')
    .argument('<filter...>', 'the filter, in quotes')
    .description('save a search');
  addReadingOptions(command).action(
    async (name: string, words: string[], options: ReadingOptions) =>
      answering(command, async () => {
        const filter = filterFrom(words);
        const { ask } = openReading(world, options);
        const { tenant } = options;
        const body = { name, filter, ...(tenant === undefined ? {} : { tenant }) };
        const made = (await ask('/searches', { tenant: undefined }, { body })).body;
        return {
          ok: true,
          json: { command: 'audit saved add', ok: true, ...(isObject(made) ? made : {}) },
          lines: ({ paint }) => [`  ${paint.good('Saved')}  ${printable(name)}`],
        };
      }),
  );
}

function addRemove(saved: Command, world: CliWorld, answering: Answering): void {
  const command = saved
    .command('remove')
    .argument('<name>', 'name or id of the search')
    .description('remove a saved search');
  addReadingOptions(command).action(async (name: string, options: ReadingOptions) =>
    answering(command, async () => {
      const { ask } = openReading(world, options);
      await ask(`/searches/${encodeURIComponent(name)}`, {}, { method: 'DELETE' });
      return {
        ok: true,
        json: { command: 'audit saved remove', ok: true, name },
        lines: ({ paint }) => [`  ${paint.good('Removed')}  ${printable(name)}`],
      };
    }),
  );
}

// `countersign audit segments`: what is sealed of a tenant's log, and what of it cannot be read.

import type { Command } from 'commander';
import type { Page } from '../../answer/answer.ts';
import type { Answering } from '../../build-program.ts';
import { type JsonObject, listIn, momentIn, textIn } from '../../http/read-member.ts';
import { drawTable } from '../../terminal/draw-table.ts';
import { printable } from '../../terminal/paint.ts';
import type { CliWorld } from '../../world.ts';
import { addReadingOptions, openReading, type ReadingOptions } from '../search/open-reading.ts';

const EXAMPLES = `
Examples:
  $ countersign audit segments --tenant acme --reason "monthly check"
  $ countersign audit segments --after 120

Exit 1 when a file of the sealed history is missing or damaged.`;

interface SegmentsOptions extends ReadingOptions {
  after?: string;
  limit?: string;
}

export function addSegmentsCommand(audit: Command, world: CliWorld, answering: Answering): void {
  const command = audit
    .command('segments')
    .description('list what is sealed of a log, and until when it is kept')
    .option('--after <number>', 'only segments after this one')
    .option('--limit <number>', 'how many; default 100, at most 1,000')
    .addHelpText('after', EXAMPLES);
  addReadingOptions(command).action(async (options: SegmentsOptions) =>
    answering(command, async () => {
      const { after, limit } = options;
      const { body } = await openReading(world, options).ask('/segments', { after, limit });
      const segments = listIn(body, 'segments');
      const unreadable = listIn(body, 'unreadable');
      const ok = unreadable.length === 0;
      return {
        ok,
        json: { command: 'audit segments', ok, segments, unreadable },
        lines: (page) => [...drawSegments(segments, page), ...drawUnreadable(unreadable, page)],
      };
    }),
  );
}

function drawSegments(segments: readonly JsonObject[], { paint, columns }: Page): string[] {
  if (segments.length === 0) return ['  Nothing is sealed yet.'];
  return drawTable(
    [
      { title: 'segment' },
      { title: 'events' },
      { title: 'state' },
      { title: 'sealed' },
      { title: 'kept until' },
    ],
    segments.map((segment) => [
      textIn(segment, 'segment'),
      `${textIn(segment, 'first')}-${textIn(segment, 'last')}`,
      printable(textIn(segment, 'state')),
      momentIn(segment, 'sealedMs'),
      momentIn(segment, 'keepUntilMs').slice(0, 10),
    ]),
    paint,
    columns,
  );
}

function drawUnreadable(unreadable: readonly JsonObject[], { paint }: Page): string[] {
  return unreadable.map(
    (file) =>
      `  ${paint.bad(printable(textIn(file, 'trouble')))} ${printable(textIn(file, 'file'))}: part of the history cannot be read`,
  );
}

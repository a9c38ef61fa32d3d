// `countersign audit count`: how many events match, in groups and over time.

import { type Command, Option } from 'commander';
import type { Answer, Page } from '../../answer/answer.ts';
import type { Answering } from '../../build-program.ts';
import { isObject, type JsonObject, listIn, momentIn } from '../../http/read-member.ts';
import { describeCount } from '../../terminal/describe-time.ts';
import { drawTable } from '../../terminal/draw-table.ts';
import { printable } from '../../terminal/paint.ts';
import type { CliWorld } from '../../world.ts';
import { missing } from './add-search-command.ts';
import { addReadingOptions, filterFrom, openReading, type ReadingOptions } from './open-reading.ts';

interface CountOptions extends ReadingOptions {
  by?: string;
  bucket?: string;
  distinct?: string;
  limit: string;
  order?: string;
  saved?: string;
}

const EXAMPLES = `
Examples:
  $ countersign audit count --by name
  $ countersign audit count 'status = failure' --by person,ip --limit 20
  $ countersign audit count 'name = token.forged' --bucket 1d
  $ countersign audit count --by app --distinct person`;

export function addCountCommand(audit: Command, world: CliWorld, answering: Answering): void {
  const command = audit
    .command('count')
    .argument('[filter...]', 'what to count, in quotes; without one everything')
    .description('count events in groups and over time')
    .option('--by <fields>', 'fields or paths to group by, at most three, with commas between')
    .option('--bucket <span>', 'also by time: 15m, 1h, 1d')
    .option('--distinct <fields>', 'also count different values of these')
    .option('--limit <count>', 'at most this many groups, 1 to 1000', '50')
    .addOption(
      new Option('--order <order>', 'default: key with --bucket').choices(['count', 'key']),
    )
    .option('--saved <name>', 'a saved search; a filter beside it narrows it')
    .addHelpText('after', EXAMPLES);
  addReadingOptions(command).action(async (words: string[], options: CountOptions) =>
    answering(command, () => count(world, words, options)),
  );
}

async function count(
  world: CliWorld,
  words: readonly string[],
  options: CountOptions,
): Promise<Answer> {
  const filter = filterFrom(words);
  const { by, bucket, distinct, limit, saved } = options;
  const order = options.order ?? (bucket === undefined ? 'count' : 'key');
  const { ask, server } = openReading(world, options);
  const query = { filter, by, bucket, distinct, limit, order, search: saved };
  const { body } = await ask('/event-counts', query);
  const groups = listIn(body, 'groups');
  const { total = 0, more = false, unreadable = [] } = isObject(body) ? body : {};
  const names = (text: string | undefined): string[] => text?.split(',').filter(Boolean) ?? [];
  const asked = { filter, by: names(by), bucket: bucket ?? null, distinct: names(distinct) };
  return {
    ok: true,
    json: {
      ...{ command: 'audit count', ok: true, server: server.origin },
      ...asked,
      ...{ total, more, unreadable, groups },
    },
    lines: (page) => [
      ...drawGroups(groups, asked, page),
      '',
      `  ${page.paint.strong(describeCount(Number(total)))} ${total === 1 ? 'event' : 'events'}${more === true ? ', in more groups than are shown (--limit)' : ''}`,
      ...missing(unreadable, page.paint.bad),
    ],
  };
}

const WIDEST_BAR = 20;

function drawGroups(
  groups: readonly JsonObject[],
  asked: { by: string[]; bucket: string | null; distinct: string[] },
  { paint, columns }: Page,
): string[] {
  if (groups.length === 0) return ['  Nothing matches.'];
  const most = Math.max(...groups.map((group) => Number(group['count'])));
  const titles = [
    ...(asked.bucket === null ? [] : [{ title: 'from' }]),
    ...asked.by.map((title, at) => ({ title, flexible: at === asked.by.length - 1 })),
    { title: 'events', align: 'right' as const },
    ...asked.distinct.map((name) => ({ title: `${name}s`, align: 'right' as const })),
    { title: '' },
  ];
  const rows = groups.map((group) => {
    const events = Number(group['count']);
    const bar = '▇'.repeat(Math.max(1, Math.round((events / most) * WIDEST_BAR)));
    const listed = (name: string): unknown[] => {
      const list = group[name];
      return Array.isArray(list) ? list : [];
    };
    return [
      ...(asked.bucket === null ? [] : [momentIn(group, 'bucketMs')]),
      ...listed('key').map((value) => (value === null ? '–' : printable(String(value)))),
      describeCount(events),
      ...listed('distinct').map((value) => describeCount(Number(value))),
      paint.faint(bar),
    ];
  });
  return drawTable(titles, rows, paint, columns);
}

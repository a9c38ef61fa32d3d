// `countersign audit search` and `audit show`: a tenant's log, newest first, and one event of it.

import { type Command, Option } from 'commander';
import type { Answer } from '../../answer/answer.ts';
import type { Answering } from '../../build-program.ts';
import { isObject, type JsonObject, listIn } from '../../http/read-member.ts';
import { printable } from '../../terminal/paint.ts';
import type { CliWorld } from '../../world.ts';
import { drawEvent } from './draw-events.ts';
import { addReadingOptions, filterFrom, openReading, type ReadingOptions } from './open-reading.ts';

interface SearchOptions extends ReadingOptions {
  limit: string;
  order: string;
  cursor?: string;
  saved?: string;
}

const EXAMPLES = `
Examples:
  $ countersign audit search 'status = failure and time >= -24h'
  $ countersign audit search 'person = "alice" and ip not in 10.0.0.0/8' --limit 20
  $ countersign audit search '"MailItemsAccessed"' --tenant acme --reason 'ticket 4711'
  $ countersign audit search --saved failures --json

The filter language is in docs/audit.md. "next" in the JSON is the value for --cursor that goes on.`;

export function addSearchCommand(audit: Command, world: CliWorld, answering: Answering): void {
  const command = audit
    .command('search')
    .argument('[filter...]', 'what to find, in quotes; without one everything')
    .description('find events in a tenant’s log, hot and sealed, newest first')
    .option('--limit <count>', 'at most this many, 1 to 1000', '50')
    .addOption(new Option('--order <order>').choices(['newest', 'oldest']).default('newest'))
    .option('--cursor <cursor>', 'go on where an answer ended')
    .option('--saved <name>', 'a saved search; a filter beside it narrows it')
    .addHelpText('after', EXAMPLES);
  addReadingOptions(command).action(async (words: string[], options: SearchOptions) =>
    answering(command, () => search(world, words, options)),
  );
  const show = audit
    .command('show')
    .argument('<uid>', 'id of the event')
    .description('show one event, whole');
  addReadingOptions(show).action(async (uid: string, options: ReadingOptions) =>
    answering(show, () => showEvent(world, uid, options)),
  );
}

async function search(
  world: CliWorld,
  words: readonly string[],
  options: SearchOptions,
): Promise<Answer> {
  const filter = filterFrom(words);
  const { limit, order, cursor, saved } = options;
  const { ask, server } = openReading(world, options);
  // Said even when it is all: without it an operator would get the list in order of recording.
  const { body } = await ask('/events', { filter, order, limit, cursor, search: saved });
  const events = listIn(body, 'events');
  const { next = null, unreadable = [] } = isObject(body) ? body : {};
  const found = { count: events.length, next, unreadable, events };
  return {
    ok: true,
    json: { command: 'audit search', ok: true, server: server.origin, filter, ...found },
    lines: (page) => [
      ...(events.length === 0
        ? ['  Nothing matches.']
        : events.flatMap((event) => drawEvent(event, page))),
      ...(typeof next === 'string'
        ? ['', page.paint.faint(`  There is more: --cursor ${next}`)]
        : []),
      ...missing(unreadable, page.paint.bad),
    ],
  };
}

/** A file that cannot be read is part of the answer. */
export function missing(unreadable: unknown, paint: (text: string) => string): string[] {
  const parts = Array.isArray(unreadable) ? unreadable.filter(isObject) : [];
  return parts.map(({ first, last, trouble, tenant }) =>
    paint(
      printable(
        `  Events ${String(first)} to ${String(last)} of ${String(tenant)} are in a file that is ${String(trouble)}: they are not in this answer.`,
      ),
    ),
  );
}

async function showEvent(world: CliWorld, uid: string, options: ReadingOptions): Promise<Answer> {
  const { ask, server } = openReading(world, options);
  const { body } = await ask(`/events/${encodeURIComponent(uid)}`, {});
  const event: JsonObject = isObject(body) ? body : {};
  const whole = JSON.stringify(event['ocsf'] ?? null, undefined, 2).split('\n');
  return {
    ok: true,
    json: { command: 'audit show', ok: true, server: server.origin, event },
    lines: (page) => [
      ...drawEvent(event, page),
      '',
      ...whole.map((line) => `  ${printable(line)}`),
    ],
  };
}

// `countersign events`: the server's own record, in order, from any point on.

import type { Command } from 'commander';
import type { Answer, Page } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { fetchJson, parseBaseUrl } from '../http/fetch-json.ts';
import { readOperatorToken } from '../http/operator-token.ts';
import { isObject, type JsonObject, listIn, momentIn, textIn } from '../http/read-member.ts';
import { addOperatorOptions, type OperatorOptions, serverUrl } from '../http/server-option.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';

interface EventOptions extends OperatorOptions {
  after: string;
  limit: string;
  name?: string;
  tenant?: string;
}

const EXAMPLES = `
Examples:
  $ countersign events --name token.refused --limit 20
  $ countersign events --tenant acme --after 1200 --json

"next" in the JSON is the value for --after that continues where this answer ends.`;

export function addEventsCommand(program: Command, world: CliWorld, answering: Answering): void {
  const command = program
    .command('events')
    .description('list what happened, as the server recorded it (OCSF 1.8 with --json)')
    .option('--after <sequence>', 'only events after this sequence number', '0')
    .option('--limit <count>', 'at most this many, 1 to 1000', '50')
    .option('--name <name>', 'only events of this name, for example token.issued')
    .option('--tenant <tenant>', 'only events of this tenant')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (options: EventOptions) =>
    answering(command, () => readEvents(world, options)),
  );
}

async function readEvents(world: CliWorld, options: EventOptions): Promise<Answer> {
  const server = parseBaseUrl(serverUrl(world, options), '--server');
  const url = new URL('/api/v1/events', server);
  url.searchParams.set('after', wholeNumber(options.after, '--after', 0, Number.MAX_SAFE_INTEGER));
  url.searchParams.set('limit', wholeNumber(options.limit, '--limit', 1, 1000));
  if (options.name !== undefined) url.searchParams.set('name', options.name);
  if (options.tenant !== undefined) url.searchParams.set('tenant', options.tenant);
  const credential = readOperatorToken(world, options.tokenFile);
  world.progress.say(`asking ${server.host}`);
  const { body } = await fetchJson(url, { credential });
  const events = listIn(body, 'events');
  const next = isObject(body) ? body['next'] : undefined;
  return {
    ok: true,
    json: {
      command: 'events',
      ok: true,
      server: server.origin,
      count: events.length,
      next,
      events,
    },
    lines: (page) => drawEvents(events, page),
  };
}

function wholeNumber(text: string, option: string, lowest: number, highest: number): string {
  const number = Number(text);
  if (!/^\d{1,16}$/.test(text) || number < lowest || number > highest)
    throw cliError('wrong_use', `${option}: give a whole number from ${lowest} to ${highest}.`);
  return text;
}

function drawEvents(events: readonly JsonObject[], { paint, columns }: Page): string[] {
  if (events.length === 0) return ['  No such events.'];
  return drawTable(
    [
      { title: 'sequence', align: 'right' },
      { title: 'time' },
      { title: 'event' },
      { title: 'realm' },
      { title: 'message', flexible: true },
    ],
    events.map((event) => [
      textIn(event, 'sequence'),
      momentIn(event, 'timeMs'),
      printable(textIn(event, 'name')),
      printable(textIn(event, 'realm')),
      printable(messageOf(event)),
    ]),
    paint,
    columns,
  );
}

function messageOf(event: JsonObject): string {
  const { ocsf } = event;
  return textIn(isObject(ocsf) && 'message' in ocsf ? ocsf : event, 'message');
}

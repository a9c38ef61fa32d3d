// `countersign audit tail`: events as they are recorded, until it is stopped. A connection that is lost is
// taken up again where it was.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Answer } from '../../answer/answer.ts';
import type { Answering } from '../../build-program.ts';
import { cliError } from '../../cli-error.ts';
import { isLoopback } from '../../http/fetch-json.ts';
import { isObject } from '../../http/read-member.ts';
import type { CliWorld } from '../../world.ts';
import { drawEvent } from './draw-events.ts';
import {
  addReadingOptions,
  filterFrom,
  openReading,
  type Reading,
  type ReadingOptions,
} from './open-reading.ts';
import { readEventStream } from './read-event-stream.ts';

interface TailOptions extends ReadingOptions {
  saved?: string;
}

const EXAMPLES = `
Examples:
  $ countersign audit tail
  $ countersign audit tail 'severity >= high'
  $ countersign audit tail 'name ~ "key.*"' --json

With --json each event is one line of JSON; the last line says how many there were.`;

export function addTailCommand(audit: Command, world: CliWorld, answering: Answering): void {
  const command = audit
    .command('tail')
    .argument('[filter...]', 'what to show, in quotes; without one everything')
    .description('show events as they are recorded, until stopped')
    .option('--saved <name>', 'a saved search; a filter beside it narrows it')
    .addHelpText('after', EXAMPLES);
  addReadingOptions(command).action(async (words: string[], options: TailOptions) =>
    answering(command, () => tail(world, command, words, options)),
  );
}

async function tail(
  world: CliWorld,
  command: Command,
  words: readonly string[],
  options: TailOptions,
): Promise<Answer> {
  const filter = filterFrom(words);
  const reading = openReading(world, options);
  const { json = false } = command.optsWithGlobals<{ json?: boolean }>();
  const { server } = reading;
  if (server.protocol !== 'https:' && !isLoopback(server))
    throw cliError('wrong_use', `${server.origin} is plain HTTP on another machine.`);
  const stop = new AbortController();
  world.untilStopped().then(() => stop.abort());
  const page = { paint: world.paint, columns: world.columns };
  let events = 0;
  const show = (data: string): void => {
    events += 1;
    world.progress.clear();
    const event: unknown = JSON.parse(data);
    if (json) world.out(`${JSON.stringify(event)}\n`);
    else if (isObject(event)) world.out(`${drawEvent(event, page).join('\n')}\n`);
  };
  await follow({ world, reading, query: { filter, search: options.saved }, stop, show });
  return {
    ok: true,
    json: { command: 'audit tail', ok: true, server: server.origin, filter, events },
    lines: () => [`  ${events} ${events === 1 ? 'event' : 'events'}.`],
  };
}

interface Following {
  world: CliWorld;
  reading: Reading;
  query: Readonly<Record<string, string | undefined>>;
  stop: AbortController;
  show(data: string): void;
}

const LONGEST_PAUSE_MS = 30_000;

async function follow({ world, reading, query, stop, show }: Following): Promise<void> {
  let lastId = '';
  let pauseMs = 500;
  while (!stop.signal.aborted) {
    try {
      const body = await connect(reading, query, lastId, stop.signal);
      world.progress.say(`following ${reading.server.host}`);
      for await (const { id, event, data } of readEventStream(body)) {
        if (event === 'end')
          throw cliError('server_refused', 'The credential is no longer in force.');
        lastId = id;
        pauseMs = 500;
        show(data);
      }
    } catch (error) {
      if (stop.signal.aborted) return;
      if (error instanceof Error && error.name === 'CodedError') throw error;
    }
    world.progress.say(`${reading.server.host} is away; trying again`);
    // An aborted wait is a wait that is over.
    await sleep(pauseMs, undefined, { signal: stop.signal }).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

/** @throws CodedError `server_refused` with what the server said; other errors pass */
async function connect(
  { credential, reason, urlOf }: Reading,
  query: Readonly<Record<string, string | undefined>>,
  lastId: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const answer = await fetch(urlOf('/events/tail', query), {
    headers: {
      accept: 'text/event-stream',
      authorization: `Bearer ${credential}`,
      ...(lastId === '' ? {} : { 'last-event-id': lastId }),
      ...(reason === undefined ? {} : { 'countersign-reason': encodeURIComponent(reason) }),
    },
    redirect: 'error',
    signal,
  });
  if (answer.ok && answer.body !== null) return answer.body;
  const text = (await answer.text()).slice(0, 2000);
  const title = /"title":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? 'no reason given';
  if (answer.status >= 500 || answer.status === 429) throw new Error(title);
  throw cliError('server_refused', `The server refused (${answer.status}): ${title}`);
}

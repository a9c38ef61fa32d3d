// `countersign health`: is the server up, and can it issue?

import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { fetchJson, parseBaseUrl } from '../http/fetch-json.ts';
import { addServerOption, type ServerOptions, serverUrl } from '../http/server-option.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';

const EXAMPLES = `
Examples:
  $ countersign health
  $ countersign health --server https://id.example.com --json`;

export function addHealthCommand(program: Command, world: CliWorld, answering: Answering): void {
  const command = program
    .command('health')
    .description('say whether a server is alive and ready to issue')
    .addHelpText('after', EXAMPLES);
  addServerOption(command).action(async (options: ServerOptions) =>
    answering(command, () =>
      readHealth(world, parseBaseUrl(serverUrl(world, options), '--server')),
    ),
  );
}

async function readHealth(world: CliWorld, server: URL): Promise<Answer> {
  world.progress.say(`asking ${server.host}`);
  const [alive, ready] = await Promise.all([
    fetchJson(new URL('/healthz', server), { alsoStatus: [500, 503] }),
    fetchJson(new URL('/readyz', server), { alsoStatus: [500, 503] }),
  ]);
  const ok = alive.status === 200 && ready.status === 200;
  return {
    ok,
    json: {
      command: 'health',
      ok,
      server: server.origin,
      alive: alive.status === 200,
      ready: ready.status === 200,
      detail: ready.body ?? null,
    },
    lines: ({ paint }) => [
      `  ${server.origin}`,
      `  alive  ${alive.status === 200 ? paint.good('yes') : paint.bad('no')}`,
      `  ready  ${ready.status === 200 ? paint.good('yes') : paint.bad('no')}${reasonOf(ready.body, ready.status)}`,
    ],
  };
}

function reasonOf(body: unknown, status: number): string {
  if (status === 200 || typeof body !== 'object' || body === null) return '';
  return `  ${printable(JSON.stringify(body))}`;
}

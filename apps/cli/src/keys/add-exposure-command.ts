// `countersign keys exposure`: who would have to be told if this key were stolen. Before it is, too.

import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { isObject, type JsonObject, textIn } from '../http/read-member.ts';
import { addOperatorOptions, type OperatorOptions } from '../http/server-option.ts';
import type { CliWorld } from '../world.ts';
import { type Asking, findKey, openAsking } from './ask-server.ts';
import { drawExposure } from './draw-exposure.ts';

const EXAMPLES = `
Examples:
  $ countersign keys exposure 5f2Kq81bX0
  $ countersign keys exposure 5f2Kq81bX0 --json | jq '.exposure.tenants.list[].name'

A key is named by its kid, or by 8 characters or more that it begins with. Reading the report is on record.`;

export function addExposureCommand(keys: Command, world: CliWorld, answering: Answering): void {
  const command = keys
    .command('exposure')
    .argument('<kid>', 'a key, by the beginning of its kid')
    .description('report what a key spoke for: tenants, audiences, people, uses')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (typed: string, options: OperatorOptions) =>
    answering(command, () => readExposure(world, options, typed)),
  );
}

async function readExposure(
  world: CliWorld,
  options: OperatorOptions,
  typed: string,
): Promise<Answer> {
  const asking = openAsking(world, options);
  const kid = textIn(await findKey(asking, typed), 'kid');
  world.progress.say('adding up what the key signed');
  const { key, exposure } = await fetchExposure(asking, kid);
  return {
    ok: true,
    json: { command: 'keys exposure', ok: true, server: asking.server.origin, key, exposure },
    lines: (page) => drawExposure(key, exposure, page),
  };
}

/** Millions of tokens take a while to add up. */
const TIMEOUT_MS = 120_000;

export async function fetchExposure(
  { ask }: Asking,
  kid: string,
): Promise<{ key: JsonObject; exposure: JsonObject }> {
  const { body } = await ask(`/keys/${encodeURIComponent(kid)}/exposure`, {
    timeoutMs: TIMEOUT_MS,
  });
  const { key, exposure } = isObject(body) ? body : {};
  if (!isObject(key) || !isObject(exposure))
    throw cliError('answer_malformed', 'The server did not answer with a report.');
  return { key, exposure };
}

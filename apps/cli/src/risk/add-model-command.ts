// `countersign risk model`: which model judges here, what it was trained on, which looks on beside it, and
// how old is what is known of networks.

import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { isObject } from '../http/read-member.ts';
import { addOperatorOptions, type OperatorOptions } from '../http/server-option.ts';
import { openAsking } from '../keys/ask-server.ts';
import type { CliWorld } from '../world.ts';
import { drawModel } from './draw-model.ts';

const EXAMPLES = `
Examples:
  $ countersign risk model
  $ countersign risk model --json | jq .champion.summary

For operators: one model judges for every tenant. Exit code 1 means that it judges without something: no model,
no network data, or a list that cannot be read. What is old says so.`;

export function addModelCommand(risk: Command, world: CliWorld, answering: Answering): void {
  const command = risk
    .command('model')
    .description('which model judges, how it was trained, and how old the network data is')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (options: OperatorOptions) =>
    answering(command, () => showModel(world, options)),
  );
}

async function showModel(world: CliWorld, options: OperatorOptions): Promise<Answer> {
  const { server, ask } = openAsking(world, options);
  const { body } = await ask('/risk/model');
  const told = isObject(body) ? body : {};
  const { champion } = told;
  if (!isObject(champion)) {
    throw cliError('answer_malformed', 'The server did not say which model judges.');
  }
  const { degraded } = champion;
  const ok = Array.isArray(degraded) && degraded.length === 0;
  return {
    ok,
    json: { command: 'risk model', ok, server: server.origin, ...told },
    lines: (page) => drawModel(told, Date.now(), page),
  };
}

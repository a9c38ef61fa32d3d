// `countersign risk explain ID`: why a server thought what it thought of one attempt.

import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { fetchJson, parseBaseUrl } from '../http/fetch-json.ts';
import { readOperatorToken } from '../http/operator-token.ts';
import { isObject } from '../http/read-member.ts';
import { addOperatorOptions, type OperatorOptions, serverUrl } from '../http/server-option.ts';
import type { CliWorld } from '../world.ts';
import { drawAssessment } from './draw-assessment.ts';

const EXAMPLES = `
Examples:
  $ countersign risk explain ra-9k2f --reason "ticket 4711"
  $ countersign risk explain ra-9k2f --json

Ids are in "countersign risk score" and in the events risk.assessed. The tenant is shown the reason.`;

interface ExplainOptions extends OperatorOptions {
  reason: string;
}

export function addExplainCommand(risk: Command, world: CliWorld, answering: Answering): void {
  const command = risk
    .command('explain <id>')
    .description('why one attempt was judged as it was: reasons, heads, what became of it')
    .option('--reason <text>', 'why you look at it', 'countersign risk explain')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (id: string, options: ExplainOptions) =>
    answering(command, () => explain(world, id, options)),
  );
}

async function explain(world: CliWorld, id: string, options: ExplainOptions): Promise<Answer> {
  const server = parseBaseUrl(serverUrl(world, options), '--server');
  const credential = readOperatorToken(world, options.tokenFile);
  world.progress.say(`asking ${server.host}`);
  const url = new URL(`/api/v1/risk/assessments/${encodeURIComponent(id)}`, server);
  const { body } = await fetchJson(url, {
    ...{ credential, reason: options.reason },
    whereNamed: 'Ids are in "countersign risk score".',
  });
  const assessment = isObject(body) ? body : {};
  return {
    ok: true,
    json: { command: 'risk explain', ok: true, assessment },
    lines: (page) => drawAssessment(assessment, page),
  };
}

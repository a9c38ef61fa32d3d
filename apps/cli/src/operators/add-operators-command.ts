// `countersign operators …`: the persons who may administer a server, each with a credential of their
// own, so that the record says who did what and two persons are two.

import type { Command } from 'commander';
import type { Answer, Page } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { isObject, type JsonObject, listIn, momentIn, textIn } from '../http/read-member.ts';
import { addOperatorOptions, type OperatorOptions } from '../http/server-option.ts';
import { confirmed, openAsking } from '../keys/ask-server.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { keepCredential } from './keep-credential.ts';

const EXAMPLES = `
Examples:
  $ countersign operators add alice --out alice.credential
  $ countersign operators list
  $ countersign keys list --token-file alice.credential
  $ countersign operators revoke alice

Whoever makes a credential could keep a copy. So who made whose is on record, and two operators count as
two persons only when nobody but the first operator, the token of the data folder, stands behind both.`;

export function addOperatorsCommand(program: Command, world: CliWorld, answering: Answering): void {
  const operators = program
    .command('operators')
    .description('persons who may administer the server')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  addAdd(operators, world, answering);
  addList(operators, world, answering);
  addRevoke(operators, world, answering);
}

function addAdd(operators: Command, world: CliWorld, answering: Answering): void {
  const command = operators
    .command('add')
    .argument('<name>', 'a-z, 0-9 and ._@+-, such as alice or alice@example.com; never given twice')
    .description('make a person an operator')
    .option('--out <file>', 'write the credential to a new file that only you can read')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(
    async (name: string, options: OperatorOptions & { out?: string }) =>
      answering(command, async () => {
        const { ask } = openAsking(world, options);
        const make = async () => readMade((await ask('/operators', { body: { name } })).body);
        const { credential, operator, path } =
          options.out === undefined
            ? { ...(await make()), path: undefined }
            : await keepCredential(world, options.out, make);
        // Who had it written to a file does not want it in a log of the terminal as well.
        const shown = path === undefined ? { credential } : { file: path };
        return {
          ok: true,
          json: { command: 'operators add', ok: true, ...operator, ...shown },
          lines: (page) => drawMade(operator, path ?? credential, page),
        };
      }),
  );
}

function readMade(body: unknown): { credential: string; operator: JsonObject } {
  if (!isObject(body) || typeof body['credential'] !== 'string')
    throw cliError('answer_malformed', 'The server did not answer with a credential.');
  const { credential, ...operator } = body;
  return { credential: String(credential), operator };
}

function drawMade(operator: JsonObject, where: string, { paint }: Page): string[] {
  return [
    `  ${paint.good('Made')}  ${printable(textIn(operator, 'name'))}, by ${printable(textIn(operator, 'madeBy'))}`,
    '',
    `  ${paint.strong(printable(where))}`,
    '',
    '  It is not shown again. Hand it over so that nobody else sees it, and keep no copy; it counts',
    '  for pauses from tomorrow on, so that the others see today that it was made.',
  ];
}

function addList(operators: Command, world: CliWorld, answering: Answering): void {
  const command = operators
    .command('list')
    .description('list operators, who made each, and who was revoked')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (options: OperatorOptions) =>
    answering(command, async () => {
      const asking = openAsking(world, options);
      const { body } = await asking.ask('/operators');
      const operatorsListed = listIn(body, 'operators');
      return {
        ok: true,
        json: {
          command: 'operators list',
          ok: true,
          server: asking.server.origin,
          operators: operatorsListed,
        },
        lines: (page) => drawOperators(operatorsListed, page),
      };
    }),
  );
}

function drawOperators(operators: readonly JsonObject[], { paint, columns }: Page): string[] {
  const first = ['operator', 'the token of the data folder', '-', ''];
  const rows = operators.map((operator) => [
    printable(textIn(operator, 'name')),
    printable(textIn(operator, 'madeBy')),
    momentIn(operator, 'createdMs'),
    operator['revokedMs'] === null
      ? paint.good('in force')
      : paint.faint(
          printable(
            `revoked ${momentIn(operator, 'revokedMs')} by ${textIn(operator, 'revokedBy')}`,
          ),
        ),
  ]);
  return drawTable(
    [{ title: 'operator' }, { title: 'made by' }, { title: 'since' }, { title: 'state' }],
    [first, ...rows],
    paint,
    columns,
  );
}

function addRevoke(operators: Command, world: CliWorld, answering: Answering): void {
  const command = operators
    .command('revoke')
    .argument('<name>', 'the operator')
    .description('take the rights of an operator away, at once and for ever')
    .option('--yes', 'do not ask')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(
    async (name: string, options: OperatorOptions & { yes?: boolean }) =>
      answering(command, async (): Promise<Answer> => {
        const { ask } = openAsking(world, options);
        await confirmed(world, options, `Take the rights of operator ${name} away?`);
        const path = `/operators/${encodeURIComponent(name)}`;
        const { body } = await ask(path, { method: 'DELETE' });
        const operator = isObject(body) ? body : {};
        return {
          ok: true,
          json: { command: 'operators revoke', ok: true, ...operator },
          lines: ({ paint }) => [
            `  ${paint.good('Revoked')}  ${printable(textIn(operator, 'name'))}, ${momentIn(operator, 'revokedMs')}`,
          ],
        };
      }),
  );
}

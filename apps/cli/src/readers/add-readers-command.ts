// `countersign readers …`: who may read a tenant's log, each with a credential of their own.

import { type Command, Option } from 'commander';
import type { Answer, Page } from '../answer/answer.ts';
import {
  addReadingOptions,
  openReading,
  type ReadingOptions,
} from '../audit/search/open-reading.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { isObject, type JsonObject, listIn, momentIn, textIn } from '../http/read-member.ts';
import { confirmed } from '../keys/ask-server.ts';
import { keepCredential } from '../operators/keep-credential.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';

const EXAMPLES = `
Examples:
  $ countersign readers add SOC --tenant acme --manage --out soc.credential
  $ countersign readers add 'IR team' --kind responder --days 14 --reason 'INC-7' --out ir.credential
  $ countersign readers add Alice --kind person --realm acme/workforce --subject ID --out alice.credential
  $ countersign audit search 'status = failure' --token-file soc.credential
  $ countersign readers end ID`;

interface AddOptions extends ReadingOptions {
  kind: string;
  manage?: boolean;
  days?: string;
  subject?: string;
  realm?: string;
  out?: string;
}

export function addReadersCommand(program: Command, world: CliWorld, answering: Answering): void {
  const readers = program
    .command('readers')
    .description('who may read a tenant’s log')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  addAdd(readers, world, answering);
  addList(readers, world, answering);
  addEnd(readers, world, answering);
}

function addAdd(readers: Command, world: CliWorld, answering: Answering): void {
  const command = readers
    .command('add')
    .argument('<name>', 'who or what will hold the credential')
    .description('let someone read a tenant’s log')
    .addOption(
      new Option('--kind <kind>', 'all of the log, for a limited time, or own events only')
        .choices(['tenant', 'responder', 'person'])
        .default('tenant'),
    )
    .option('--manage', 'may also make and end readers of this tenant')
    .option('--days <days>', 'ends by itself; a responder at most 90')
    .option('--subject <id>', 'of a person: the sub of their tokens')
    .option('--realm <realm>', 'of a person: such as acme/workforce')
    .option('--out <file>', 'write the credential to a new file that only you can read')
    .addHelpText('after', EXAMPLES);
  addReadingOptions(command).action(async (name: string, options: AddOptions) =>
    answering(command, () => addReader(world, name, options)),
  );
}

async function addReader(world: CliWorld, name: string, options: AddOptions): Promise<Answer> {
  const { kind, manage, days, subject, realm, reason, tenant, out } = options;
  const { ask } = openReading(world, options);
  const expiresMs = days === undefined ? undefined : Date.now() + daysOf(days) * 86_400_000;
  const facts = { kind, name, tenant, manage, subject, realm, expiresMs };
  const body = kind === 'responder' ? { ...facts, reason } : facts;
  const make = async () => readMade((await ask('/readers', { tenant: undefined }, { body })).body);
  const { credential, reader, path } =
    out === undefined
      ? { ...(await make()), path: undefined }
      : await keepCredential(world, out, make);
  const shown = path === undefined ? { credential } : { file: path };
  return {
    ok: true,
    json: { command: 'readers add', ok: true, ...reader, ...shown },
    lines: ({ paint }) => [
      `  ${paint.good('Made')}  ${printable(textIn(reader, 'name'))}, ${textIn(reader, 'kind')} of ${printable(textIn(reader, 'tenant'))}, ${endOf(reader)}`,
      '',
      `  ${paint.strong(printable(path ?? credential))}`,
      '',
      '  It is not shown again. Hand it over so that nobody else sees it, and keep no copy.',
    ],
  };
}

function daysOf(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw cliError('wrong_use', '--days: give a whole number of days.');
}

function readMade(body: unknown): { credential: string; reader: JsonObject } {
  if (!isObject(body) || typeof body['credential'] !== 'string')
    throw cliError('answer_malformed', 'The server did not answer with a credential.');
  const { credential, ...reader } = body;
  return { credential: String(credential), reader };
}

function endOf(reader: JsonObject): string {
  return reader['expiresMs'] === null
    ? 'until it is ended'
    : `until ${momentIn(reader, 'expiresMs')}`;
}

function addList(readers: Command, world: CliWorld, answering: Answering): void {
  const command = readers.command('list').description('list readers, and who was ended');
  addReadingOptions(command).action(async (options: ReadingOptions) =>
    answering(command, async () => {
      const { ask, server } = openReading(world, options);
      const listed = listIn((await ask('/readers', {})).body, 'readers');
      return {
        ok: true,
        json: { command: 'readers list', ok: true, server: server.origin, readers: listed },
        lines: (page) => drawReaders(listed, page),
      };
    }),
  );
}

function drawReaders(readers: readonly JsonObject[], { paint, columns }: Page): string[] {
  if (readers.length === 0) return ['  Nobody but operators reads this log.'];
  const rows = readers.map((reader) => {
    const ended =
      reader['endedMs'] !== null || Number(reader['expiresMs'] ?? Infinity) < Date.now();
    const kind = `${textIn(reader, 'kind')}${reader['manage'] === true ? ' +manage' : ''}`;
    return [
      textIn(reader, 'id'),
      printable(textIn(reader, 'tenant')),
      kind,
      ended ? paint.faint('over') : paint.good('in force'),
      printable(`${textIn(reader, 'name')}, ${endOf(reader)}`),
    ];
  });
  const titles = [{ title: 'id' }, { title: 'tenant' }, { title: 'kind' }, { title: 'state' }];
  return drawTable([...titles, { title: 'name', flexible: true }], rows, paint, columns);
}

function addEnd(readers: Command, world: CliWorld, answering: Answering): void {
  const command = readers
    .command('end')
    .argument('<id>', 'the reader, from readers list')
    .description('end a reader at once and for ever')
    .option('--yes', 'do not ask');
  addReadingOptions(command).action(
    async (id: string, options: ReadingOptions & { yes?: boolean }) =>
      answering(command, async () => {
        const { ask } = openReading(world, options);
        await confirmed(world, options, `End reader ${id}?`);
        const path = `/readers/${encodeURIComponent(id)}`;
        const { body } = await ask(path, { tenant: undefined }, { method: 'DELETE' });
        const reader = isObject(body) ? body : {};
        return {
          ok: true,
          json: { command: 'readers end', ok: true, ...reader },
          lines: ({ paint }) => [`  ${paint.good('Ended')}  ${printable(textIn(reader, 'name'))}`],
        };
      }),
  );
}

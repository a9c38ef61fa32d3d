// `countersign passkeys …`: the passkeys of a person, for whoever helps one that lost theirs.

import type { Command } from 'commander';
import type { Answer, Page } from '../answer/answer.ts';
import {
  addReasonOptions,
  openReading,
  type Reading,
  type ReadingOptions,
} from '../audit/search/open-reading.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { isObject, type JsonObject, listIn, momentIn, textIn } from '../http/read-member.ts';
import { realmFrom } from '../http/realm-from.ts';
import { confirmed } from '../keys/ask-server.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';

const EXAMPLES = `
Examples:
  $ countersign passkeys list acme/workforce alice --reason "ticket 4711"
  $ countersign passkeys remove acme/workforce alice 9mYx0aBc --reason "ticket 4711: phone lost"

Whoever calls and says that a passkey is lost may be a thief: be sure who it is before one is removed. With the
last of them gone a password opens the account alone, and makes the next. Every look and every removal is on
record, with an operator's reason, and the person's account page says for 90 days what was removed. It takes
an operator, or a reader of the tenant that may manage.`;

export function addPasskeysCommand(program: Command, world: CliWorld, answering: Answering): void {
  const passkeys = program
    .command('passkeys')
    .description('the passkeys of a person: listed, and a lost one removed')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  addList(passkeys, world, answering);
  addRemove(passkeys, world, answering);
}

const PERSON = 'their username, or the sub of their tokens';

function addList(passkeys: Command, world: CliWorld, answering: Answering): void {
  const command = passkeys
    .command('list')
    .argument('<realm>', 'such as acme/workforce')
    .argument('<person>', PERSON)
    .description('list the passkeys of a person')
    .addHelpText('after', EXAMPLES);
  addReasonOptions(command).action(async (realm: string, who: string, options: ReadingOptions) =>
    answering(command, async () => {
      const reading = openReading(world, options);
      const { person, passkeys: listed } = await fetchPasskeys(reading, pathOf(realm, who));
      return {
        ok: true,
        json: {
          ...{ command: 'passkeys list', ok: true, server: reading.server.origin },
          ...{ person, passkeys: listed },
        },
        lines: (page) => drawPasskeys(person, listed, page),
      };
    }),
  );
}

function addRemove(passkeys: Command, world: CliWorld, answering: Answering): void {
  const command = passkeys
    .command('remove')
    .argument('<realm>', 'such as acme/workforce')
    .argument('<person>', PERSON)
    .argument('<id>', 'the passkey, by the beginning of its id')
    .description('remove a passkey that was lost, for ever; the person is told')
    .option('--yes', 'do not ask')
    .addHelpText('after', EXAMPLES);
  addReasonOptions(command).action(
    async (realm: string, who: string, id: string, options: ReadingOptions & { yes?: boolean }) =>
      answering(command, () => removePasskey(world, { realm, who, id }, options)),
  );
}

async function removePasskey(
  world: CliWorld,
  typed: { realm: string; who: string; id: string },
  options: ReadingOptions & { yes?: boolean },
): Promise<Answer> {
  const path = pathOf(typed.realm, typed.who);
  const reading = openReading(world, options);
  const { person, passkeys } = await fetchPasskeys(reading, path);
  const passkey = oneOf(passkeys, typed.id);
  const username = textIn(person, 'username');
  const last =
    passkeys.length === 1 ? ' It is the last one: a password opens the account then.' : '';
  const question = `Remove passkey “${textIn(passkey, 'name')}” of ${username}, for ever?${last}`;
  await confirmed(world, options, question);
  const id = textIn(passkey, 'id');
  const { body } = await reading.ask(`${path}/${encodeURIComponent(id)}`, {}, { method: 'DELETE' });
  const left = isObject(body) ? textIn(body, 'left') : '-';
  return {
    ok: true,
    json: {
      ...{ command: 'passkeys remove', ok: true, server: reading.server.origin },
      ...{ person, removed: passkey, left: Number(left) },
    },
    lines: ({ paint }) => [
      `  ${paint.good('Removed')}  ${printable(textIn(passkey, 'name'))} of ${printable(username)}, who has ${left === '0' ? 'none' : left} left.`,
      '  Their account page says so. What was signed in with it goes on until it ends.',
    ],
  };
}

function pathOf(realm: string, who: string): string {
  return `/people/${realmFrom(realm)}/${encodeURIComponent(who)}/passkeys`;
}

async function fetchPasskeys({ ask }: Reading, path: string) {
  const whereNamed = 'Give the username, or the sub of their tokens.';
  const { body } = await ask(path, {}, { whereNamed });
  const person = isObject(body) ? body['person'] : undefined;
  if (!isObject(person)) {
    throw cliError('answer_malformed', 'The server did not answer with a person.');
  }
  return { person, passkeys: listIn(body, 'passkeys') };
}

const SHORTEST_PREFIX = 8;

/** @throws CodedError `wrong_use` */
function oneOf(passkeys: readonly JsonObject[], typed: string): JsonObject {
  const exact = passkeys.find(({ id }) => id === typed);
  if (exact !== undefined) return exact;
  const found = passkeys.filter((one) => textIn(one, 'id').startsWith(typed));
  const [first, second] = found;
  if (typed.length >= SHORTEST_PREFIX && first !== undefined && second === undefined) return first;
  const what =
    typed.length < SHORTEST_PREFIX
      ? `name a passkey by at least ${SHORTEST_PREFIX} characters of its id`
      : `${found.length === 0 ? 'no passkey of theirs begins' : `${found.length} of theirs begin`} with "${typed}"`;
  throw cliError(
    'wrong_use',
    printable(`Nothing was removed: ${what}; countersign passkeys list.`),
  );
}

function drawPasskeys(person: JsonObject, passkeys: readonly JsonObject[], page: Page): string[] {
  const { paint, columns } = page;
  const disabled = person['disabled'] === true ? paint.warn(', disabled') : '';
  const head = `  ${paint.strong(printable(textIn(person, 'username')))} in ${printable(textIn(person, 'realm'))}, ${printable(textIn(person, 'id'))}${disabled}`;
  if (passkeys.length === 0)
    return [head, '', '  No passkeys: the password opens the account alone.'];
  const day = (one: JsonObject, name: string) => momentIn(one, name).slice(0, 'YYYY-MM-DD'.length);
  return [
    head,
    '',
    ...drawTable(
      [
        { title: 'id' },
        { title: 'added' },
        { title: 'used' },
        { title: 'state' },
        { title: 'name', flexible: true },
      ],
      passkeys.map((one) => [
        printable(textIn(one, 'id').slice(0, SHOWN)),
        day(one, 'createdMs'),
        day(one, 'lastUsedMs'),
        one['stoppedMs'] === undefined ? paint.good('in use') : paint.bad('stopped'),
        printable(textIn(one, 'name')),
      ]),
      paint,
      columns,
    ),
    ...(passkeys.some(({ stoppedMs }) => stoppedMs !== undefined)
      ? ['', '  A stopped passkey opens nothing any more: somebody may have copied it.']
      : []),
  ];
}

/** Ids are long: what tells one of twenty from the others is enough. */
const SHOWN = 16;

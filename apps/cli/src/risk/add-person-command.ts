// `countersign risk person REALM ID`: what is thought of one and what is remembered; handed out whole to a
// file, and forgotten.

import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import {
  addReasonOptions,
  openReading,
  type Reading,
  type ReadingOptions,
} from '../audit/search/open-reading.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { isObject, type JsonObject, textIn } from '../http/read-member.ts';
import { realmFrom } from '../http/realm-from.ts';
import { confirmed } from '../keys/ask-server.ts';
import { writeNewFile } from '../log/write-new-file.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { drawPerson } from './draw-person.ts';

const EXAMPLES = `
Examples:
  $ countersign risk person acme/workforce 5f2Kq81bX0aaPq3v7sT1Zw --reason "ticket 4711"
  $ countersign risk person acme/workforce ID --export ada.json --reason "GDPR article 15"
  $ countersign risk person acme/workforce ID --export ada.json --erase --reason "GDPR article 17"

A person is named by the sub of their tokens, a device or workload by its client id: countersign risk people
and risk score show both. --erase forgets profile, standing, acts and what was said, at once and for ever;
what is in the audit trail stays there as long as its retention says. --erase takes an operator, or a reader
of the tenant that may manage.`;

interface PersonOptions extends ReadingOptions {
  export?: string;
  erase?: boolean;
  yes?: boolean;
}

export function addPersonCommand(risk: Command, world: CliWorld, answering: Answering): void {
  const command = risk
    .command('person')
    .argument('<realm>', 'such as acme/workforce')
    .argument('<id>', 'the sub of their tokens, or a client id')
    .description('what is thought of somebody, and what is remembered of them')
    .option('--export <file>', 'write all that is remembered to a new file that only you can read')
    .option('--erase', 'forget all of it; after it is written, with --export')
    .option('--yes', 'do not ask')
    .addHelpText('after', EXAMPLES);
  addReasonOptions(command).action(async (realm: string, id: string, options: PersonOptions) =>
    answering(command, () => showPerson(world, realm, id, options)),
  );
}

async function showPerson(
  world: CliWorld,
  typed: string,
  id: string,
  options: PersonOptions,
): Promise<Answer> {
  const realm = realmFrom(typed);
  const path = `/risk/people/${realm}/${encodeURIComponent(id)}`;
  const reading = openReading(world, options);
  if (options.erase === true) {
    const question = `Forget all that the risk engine remembers of ${id} in ${realm}, for ever?`;
    await confirmed(world, options, question);
  }
  const asked = options.erase !== true || options.export !== undefined;
  const person = asked ? await readPerson(reading, path) : {};
  const content = `${JSON.stringify(person, null, 2)}\n`;
  const file = writeNewFile(world, '--export', options.export, content, OWNER_ONLY);
  const erased = options.erase === true ? await forget(reading, path) : undefined;
  return {
    ok: true,
    json: {
      ...{ command: 'risk person', ok: true, server: reading.server.origin },
      // Who had it written to a file does not want it on the terminal as well.
      ...(file !== undefined ? { file } : asked ? { person } : {}),
      ...(erased === undefined ? {} : { erased }),
    },
    lines: (page) => [
      ...(file === undefined ? [] : [`  ${page.paint.good('Written')}  ${printable(file)}`]),
      ...(erased === undefined
        ? []
        : [
            `  ${page.paint.good('Forgotten')}  ${printable(id)} in ${realm}: profile, standing, and ${textIn(erased, 'acts')} acts.`,
          ]),
      ...(file === undefined && erased === undefined ? drawPerson(person, page) : []),
    ],
  };
}

const OWNER_ONLY = 0o600;

async function forget({ ask }: Reading, path: string): Promise<JsonObject> {
  const { body } = await ask(path, {}, { method: 'DELETE' });
  return isObject(body) ? body : {};
}

async function readPerson({ ask }: Reading, path: string): Promise<JsonObject> {
  const { body } = await ask(path, {});
  if (isObject(body) && isObject(body['profile'])) return body;
  throw cliError('answer_malformed', 'The server did not say what it remembers.');
}

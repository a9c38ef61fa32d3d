// `countersign risk rollback`: what is familiar of somebody, or in a whole realm, as it was before an
// incident.

import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import {
  addReasonOptions,
  openReading,
  type ReadingOptions,
} from '../audit/search/open-reading.ts';
import type { Answering } from '../build-program.ts';
import { isObject, textIn } from '../http/read-member.ts';
import { realmFrom } from '../http/realm-from.ts';
import { confirmed } from '../keys/ask-server.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { momentFrom } from './read-moment.ts';

const EXAMPLES = `
Examples:
  $ countersign risk rollback acme/workforce 5f2Kq81bX0aaPq3v7sT1Zw --before 2026-11-20 --reason INC-7
  $ countersign risk rollback acme/customer --before 3d --reason "INC-8: a stolen list was tried" --yes

Without an id it is everybody in the realm. States of the last 14 days are kept, one a day: what was learned
since the beginning of that day is taken back. What speaks against somebody stays, and so does the record.
It takes an operator, or a reader of the tenant that may manage.`;

interface RollbackOptions extends ReadingOptions {
  before: string;
  yes?: boolean;
}

export function addRollbackCommand(risk: Command, world: CliWorld, answering: Answering): void {
  const command = risk
    .command('rollback')
    .argument('<realm>', 'such as acme/workforce')
    .argument('[id]', 'one person or machine; absent: everybody in the realm')
    .description('set what is familiar back to before an incident')
    .requiredOption('--before <when>', 'a date, a moment such as 2026-11-20T08:00Z, or 3d (ago)')
    .option('--yes', 'do not ask')
    .addHelpText('after', EXAMPLES);
  addReasonOptions(command).action(
    async (realm: string, id: string | undefined, options: RollbackOptions) =>
      answering(command, () => rollBack(world, realm, id, options)),
  );
}

async function rollBack(
  world: CliWorld,
  typed: string,
  id: string | undefined,
  options: RollbackOptions,
): Promise<Answer> {
  const realm = realmFrom(typed);
  const beforeMs = momentFrom(options.before, '--before', Date.now());
  const when = `${new Date(beforeMs).toISOString().slice(0, 'YYYY-MM-DDTHH:MM'.length)}Z`;
  const who = id === undefined ? `everybody in ${realm}` : `${id} in ${realm}`;
  const { server, ask } = openReading(world, options);
  await confirmed(world, options, `Set what is familiar of ${who} back to before ${when}?`);
  const body = {
    realm,
    ...(id === undefined ? {} : { subject: id }),
    beforeMs,
  };
  const { body: answer } = await ask('/risk/rollback', {}, { body, timeoutMs: TIMEOUT_MS });
  const done = isObject(answer) ? answer : {};
  return {
    ok: true,
    json: {
      command: 'risk rollback',
      ok: true,
      server: server.origin,
      realm,
      ...done,
    },
    lines: ({ paint }) => [
      `  ${paint.good('Set back')}  ${printable(who)}, to before ${when}${id === undefined ? `: ${textIn(done, 'profiles')} profiles` : ''}.`,
    ],
  };
}

/** A realm of a million people takes a while. */
const TIMEOUT_MS = 300_000;

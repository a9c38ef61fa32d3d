// `countersign keys list`: what keys there are, how old, and what happens to them next.

import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { addOperatorOptions, type OperatorOptions } from '../http/server-option.ts';
import { printable, wrap } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { fetchKeys, issuerFrom, openAsking } from './ask-server.ts';
import { drawKeys } from './draw-keys.ts';
import { judgeKeys } from './judge-keys.ts';

interface ListOptions extends OperatorOptions {
  issuer?: string;
  all?: boolean;
}

const EXAMPLES = `
Examples:
  $ countersign keys list
  $ countersign keys list --issuer acme/customer --all
  $ countersign keys list --json | jq '.troubles'

Exit code 1 means that something is wrong: a key past 80 % of its longest age, a rotation that is paused,
late or failing, or an algorithm without a key that signs or stands by.`;

export function addListCommand(keys: Command, world: CliWorld, answering: Answering): void {
  const command = keys
    .command('list')
    .description('list keys with their state, age and next change')
    .option('--issuer <issuer>', 'of one issuer only: its URL, or a realm such as acme/customer')
    .option('--all', 'show retired and revoked keys, too')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (options: ListOptions) =>
    answering(command, () => listKeys(world, options)),
  );
}

async function listKeys(world: CliWorld, options: ListOptions): Promise<Answer> {
  const asking = openAsking(world, options);
  const { issuer, all = false } = options;
  const query: Record<string, string> =
    issuer === undefined ? {} : { issuer: issuerFrom(asking, issuer) };
  const list = await fetchKeys(asking, query);
  const troubles = judgeKeys(list);
  const ok = troubles.length === 0;
  return {
    ok,
    json: {
      command: 'keys list',
      ok,
      server: asking.server.origin,
      atMs: list.atMs,
      troubles,
      keys: list.keys,
      rotator: list.rotator,
    },
    lines: (page) => [
      ...drawKeys({ ...list, all }, page),
      ...(ok && list.keys.length > 0
        ? [`  ${page.paint.good('All keys are rotated by themselves.')}`]
        : troubles.flatMap((trouble) =>
            wrap(printable(trouble), page.columns - 4).map((line, at) =>
              at === 0 ? `  ${page.paint.bad('!')} ${line}` : `    ${line}`,
            ),
          )),
    ],
  };
}
